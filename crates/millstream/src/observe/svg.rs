//! The picture as SVG: the layout is the work of the `layout-rs` crate, only the drawing is done here.

use super::graph::{channel_lines, Graph, BOTTLENECK_FILL, BOTTLENECK_LINE};
use layout::core::base::Orientation;
use layout::core::format::{ClipHandle, RenderBackend};
use layout::core::geometry::Point;
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;
use std::fmt::Write;

/// Heights of letters, in pixels.
const STAGE_FONT: f64 = 15.0;
const CHANNEL_FONT: f64 = 11.0;
/// From one line of text to the next, in heights of letters.
const LEADING: f64 = 1.35;
/// Between the text and the edge of its box, and around the whole picture.
const PADDING: f64 = 8.0;
const MARGIN: f64 = 10.0;

impl Graph {
    /// The picture as an SVG document of its own.
    ///
    /// The same snapshots in the same order give the same document. The layout is made for pipelines that people look
    /// at: up to a hundred channels it takes well under a second, but a thousand take more than a minute.
    pub fn to_svg(&self) -> String {
        let boxes = self.boxes();
        let links: Vec<_> = self.links().collect();
        let placed = place(&boxes, &links);
        let mut svg = String::new();
        for (curve, link) in placed.curves.iter().zip(&links) {
            curve.draw(&mut svg, link.has_head);
        }
        for (content, (corner, size)) in boxes.iter().zip(&placed.boxes) {
            content.draw(&mut svg, *corner, *size);
        }
        document(&svg, &placed)
    }

    /// The stages and then the channels, whose figures are boxes too: so the layout makes room for them, and an edge
    /// never runs through its own label.
    fn boxes(&self) -> Vec<Content> {
        let stages = self.pipeline.stages.iter().enumerate();
        let stages = stages.map(|(number, stage)| Content {
            lines: self.stage_lines(number),
            look: if self.pipeline.is_bottleneck(number) {
                Look::Bottleneck
            } else if stage.is_told {
                Look::Stage
            } else {
                Look::Untold
            },
        });
        let channels = self.pipeline.channels.iter().map(|channel| Content {
            lines: channel_lines(channel),
            look: Look::Channel,
        });
        stages.chain(channels).collect()
    }

    /// Two links a channel, into its box and out of it, as indexes into the boxes.
    fn links(&self) -> impl Iterator<Item = Link> + '_ {
        let stages = self.pipeline.stages.len();
        let channels = self.pipeline.channels.iter().enumerate();
        channels.flat_map(move |(number, channel)| {
            let label = stages + number;
            [
                Link {
                    from: channel.from,
                    to: label,
                    has_head: false,
                },
                Link {
                    from: label,
                    to: channel.to,
                    has_head: true,
                },
            ]
        })
    }
}

/// A line between two boxes.
struct Link {
    from: usize,
    to: usize,
    has_head: bool,
}

/// What stands in a box.
struct Content {
    lines: Vec<String>,
    look: Look,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Stage,
    /// The end of a channel that was not told where it ends.
    Untold,
    Bottleneck,
    Channel,
}

impl Content {
    fn font(&self) -> f64 {
        match self.look {
            Look::Channel => CHANNEL_FONT,
            Look::Stage | Look::Untold | Look::Bottleneck => STAGE_FONT,
        }
    }

    /// The size of the box. Nobody knows which font will be there, so letters are taken to be rather wide.
    fn size(&self) -> Point {
        let width = |line: &String| -> f64 {
            let letters = line.chars();
            letters
                .map(|letter| if letter.is_ascii() { 0.62 } else { 1.0 })
                .sum()
        };
        let widest = self.lines.iter().map(width).fold(2.0, f64::max);
        let height = self.lines.len() as f64 * LEADING;
        Point::new(
            (widest * self.font() + 2.0 * PADDING).ceil(),
            (height * self.font() + 2.0 * PADDING).ceil(),
        )
    }

    fn draw(&self, svg: &mut String, corner: Point, size: Point) {
        let (fill, line, width, dash) = match self.look {
            Look::Stage => ("#ffffff", "#334155", "1.5", ""),
            Look::Untold => ("#ffffff", "#64748b", "1.5", " stroke-dasharray=\"4 3\""),
            Look::Bottleneck => (BOTTLENECK_FILL, BOTTLENECK_LINE, "3", ""),
            Look::Channel => ("#f1f5f9", "none", "0", ""),
        };
        put(
            svg,
            format_args!(
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"6\" fill=\"{fill}\" stroke=\"{line}\" \
                 stroke-width=\"{width}\"{dash}/>",
                corner.x, corner.y, size.x, size.y
            ),
        );
        let font = self.font();
        let middle = corner.x + size.x / 2.0;
        for (number, line) in self.lines.iter().enumerate() {
            // The first line is a name, which stands out where there is more.
            let weight = if number == 0 && self.lines.len() > 1 {
                " font-weight=\"bold\""
            } else {
                ""
            };
            let base = corner.y + PADDING + (number as f64 + 0.5) * font * LEADING + font * 0.35;
            put(
                svg,
                format_args!(
                    "<text x=\"{middle:.1}\" y=\"{base:.1}\" font-size=\"{font}\"{weight}>{}</text>",
                    escaped(line)
                ),
            );
        }
    }
}

/// Where everything is, in the order in which it was given.
#[derive(Default)]
struct Placed {
    /// Upper left corner and size.
    boxes: Vec<(Point, Point)>,
    curves: Vec<Curve>,
}

/// The course of a link.
struct Curve {
    /// The first pair is the start and its control point; each further pair a control point and where it leads to.
    points: Vec<(Point, Point)>,
    /// The layout turns a link round where it would close a circle.
    is_turned: bool,
}

/// Has the layout made.
fn place(boxes: &[Content], links: &[Link]) -> Placed {
    let mut placed = Placed::default();
    if boxes.is_empty() {
        return placed;
    }
    let mut graph = VisualGraph::new(Orientation::TopToBottom);
    let nodes: Vec<_> = boxes
        .iter()
        .map(|content| {
            let shape = ShapeKind::new_box("");
            let look = StyleAttr::simple();
            graph.add_node(Element::create(
                shape,
                look,
                Orientation::TopToBottom,
                content.size(),
            ))
        })
        .collect();
    for link in links {
        graph.add_edge(Arrow::simple(""), nodes[link.from], nodes[link.to]);
    }
    graph.do_it(false, false, false, &mut placed);
    placed
}

/// Nothing is drawn while the layout runs: what it says is only kept.
impl RenderBackend for Placed {
    fn draw_rect(
        &mut self,
        corner: Point,
        size: Point,
        _look: &StyleAttr,
        _properties: Option<String>,
        _clip: Option<ClipHandle>,
    ) {
        self.boxes.push((corner, size));
    }

    fn draw_arrow(
        &mut self,
        path: &[(Point, Point)],
        _dashed: bool,
        (is_turned, _): (bool, bool),
        _look: &StyleAttr,
        _properties: Option<String>,
        _text: &str,
    ) {
        self.curves.push(Curve {
            points: path.to_vec(),
            is_turned,
        });
    }

    fn draw_line(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}

    fn draw_circle(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}

    fn draw_text(&mut self, _: Point, _: &str, _: &StyleAttr) {}

    fn create_clip(&mut self, _: Point, _: Point, _: usize) -> ClipHandle {
        0
    }
}

impl Curve {
    fn draw(&self, svg: &mut String, has_head: bool) {
        let Some(((start, first_control), rest)) = self.points.split_first() else {
            return;
        };
        let mut path = format!(
            "M{:.1} {:.1} C{:.1} {:.1}",
            start.x, start.y, first_control.x, first_control.y
        );
        for (number, (control, end)) in rest.iter().enumerate() {
            // Each further piece leaves as the one before it came, which is what `S` is for.
            let lead = if number == 0 { " " } else { " S" };
            // Writing to a string cannot fail.
            let _ = write!(
                path,
                "{lead}{:.1} {:.1} {:.1} {:.1}",
                control.x, control.y, end.x, end.y
            );
        }
        put(
            svg,
            format_args!(
                "<path d=\"{path}\" fill=\"none\" stroke=\"#64748b\" stroke-width=\"1.3\"/>"
            ),
        );
        let end = if self.is_turned {
            Some((*first_control, *start))
        } else {
            rest.last().copied()
        };
        if let (true, Some((control, tip))) = (has_head, end) {
            draw_head(svg, control, tip);
        }
    }
}

/// An arrow's head, drawn as it is rather than as a marker: markers have names, which clash in a page with two pictures.
fn draw_head(svg: &mut String, control: Point, tip: Point) {
    let (length, half_width) = (9.0, 4.0);
    let along = tip.sub(control);
    let along = along.scale(1.0 / along.length().max(f64::EPSILON));
    let back = tip.sub(along.scale(length));
    let aside = Point::new(-along.y, along.x).scale(half_width);
    let (left, right) = (back.add(aside), back.sub(aside));
    put(
        svg,
        format_args!(
            "<polygon points=\"{:.1},{:.1} {:.1},{:.1} {:.1},{:.1}\" fill=\"#64748b\"/>",
            tip.x, tip.y, left.x, left.y, right.x, right.y
        ),
    );
}

/// The document around what was drawn, as large as that is.
fn document(content: &str, placed: &Placed) -> String {
    let corners = placed
        .boxes
        .iter()
        .flat_map(|(corner, size)| [*corner, corner.add(*size)]);
    let points = placed
        .curves
        .iter()
        .flat_map(|curve| curve.points.iter().flat_map(|(a, b)| [*a, *b]));
    let mut bounds: Option<(Point, Point)> = None;
    for point in corners.chain(points) {
        let (low, high) = bounds.unwrap_or((point, point));
        bounds = Some((
            Point::new(low.x.min(point.x), low.y.min(point.y)),
            Point::new(high.x.max(point.x), high.y.max(point.y)),
        ));
    }
    let (low, high) = bounds.unwrap_or((Point::zero(), Point::zero()));
    let (left, top) = (low.x - MARGIN, low.y - MARGIN);
    let (width, height) = (high.x - low.x + 2.0 * MARGIN, high.y - low.y + 2.0 * MARGIN);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"{left:.1} {top:.1} {width:.1} {height:.1}\" font-family=\"system-ui, Helvetica, Arial, sans-serif\" \
         text-anchor=\"middle\" fill=\"#0f172a\">\n\
         <rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"#ffffff\"/>\n\
         {content}</svg>\n"
    )
}

fn put(svg: &mut String, element: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(svg, "{element}");
}

/// Text of XML. Control characters, which XML has no way to write, are gone since [`figures::name`]; what is left of
/// its forbidden characters is two that no name needs.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
