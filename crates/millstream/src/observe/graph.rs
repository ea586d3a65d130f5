//! The pipeline as a picture: stages are nodes, channels are edges with their figures.

use super::figures;
use super::pipeline::{shown_name, Channel, Pipeline};
use super::Snapshot;
use std::fmt::Write;

/// A picture of a pipeline, in the languages of other programs that draw.
///
/// Its nodes are the stages that channels were told to lie [`between`](crate::Builder::between), its edges the channels,
/// each with its figures. The bottleneck, found as [`Table`](super::Table) explains, stands out by its colour and by the
/// word. The ends of a channel made without `between` are dashed nodes of their own.
///
/// [`to_dot`](Self::to_dot) is for Graphviz, [`to_mermaid`](Self::to_mermaid) for Markdown pages that draw Mermaid
/// blocks, and `to_svg`, with the feature `svg`, needs no other program.
///
/// # Examples
///
/// ```
/// use millstream::observe::Graph;
///
/// let (_tx, rx) = millstream::named("lines").between("read", "count").bounded::<String>(64);
/// let graph = Graph::new([rx.probe().snapshot()]);
/// assert!(graph.to_dot().contains("s0 -> s1"));
/// assert!(graph.to_mermaid().starts_with("flowchart TD"));
/// ```
#[derive(Clone, Debug)]
pub struct Graph {
    pub(super) pipeline: Pipeline,
}

/// How the bottleneck is filled and outlined.
pub(super) const BOTTLENECK_FILL: &str = "#ffd9a0";
pub(super) const BOTTLENECK_LINE: &str = "#b45309";

impl Graph {
    /// A picture of these channels; it is the same for the same snapshots in the same order.
    pub fn new(snapshots: impl IntoIterator<Item = Snapshot>) -> Self {
        Graph {
            pipeline: Pipeline::new(snapshots),
        }
    }

    /// The name of the stage that the others wait for, if anybody waited.
    pub fn bottleneck(&self) -> Option<&str> {
        self.pipeline.bottleneck_name()
    }

    /// The picture in Graphviz's language.
    pub fn to_dot(&self) -> String {
        let mut text = String::from(
            "digraph pipeline {\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n  edge \
             [fontname=\"sans-serif\", fontsize=10];\n",
        );
        for (number, stage) in self.pipeline.stages.iter().enumerate() {
            let label = dot_label(&self.stage_lines(number));
            let look = if self.pipeline.is_bottleneck(number) {
                format!(
                    ", style=\"rounded,filled\", fillcolor=\"{BOTTLENECK_FILL}\", color=\"{BOTTLENECK_LINE}\", penwidth=3"
                )
            } else if stage.is_told {
                String::new()
            } else {
                ", style=\"rounded,dashed\"".to_string()
            };
            line(&mut text, format_args!("s{number} [label={label}{look}];"));
        }
        for channel in &self.pipeline.channels {
            let (from, to) = (channel.from, channel.to);
            let label = dot_label(&channel_lines(channel));
            line(&mut text, format_args!("s{from} -> s{to} [label={label}];"));
        }
        text.push_str("}\n");
        text
    }

    /// The picture as a Mermaid flowchart, without the fence that Markdown wants around it.
    pub fn to_mermaid(&self) -> String {
        let mut text = String::from("flowchart TD\n");
        let mut classes = String::new();
        for (number, stage) in self.pipeline.stages.iter().enumerate() {
            let label = mermaid_label(&self.stage_lines(number));
            line(&mut text, format_args!("s{number}[{label}]"));
            if self.pipeline.is_bottleneck(number) {
                line(&mut classes, format_args!("class s{number} bottleneck"));
            } else if !stage.is_told {
                line(&mut classes, format_args!("class s{number} untold"));
            }
        }
        for channel in &self.pipeline.channels {
            let (from, to) = (channel.from, channel.to);
            let label = mermaid_label(&channel_lines(channel));
            line(&mut text, format_args!("s{from} -->|{label}| s{to}"));
        }
        if !classes.is_empty() {
            line(
                &mut text,
                format_args!(
                    "classDef bottleneck fill:{BOTTLENECK_FILL},stroke:{BOTTLENECK_LINE},stroke-width:3px,color:#000"
                ),
            );
            line(
                &mut text,
                format_args!("classDef untold stroke-dasharray:4 3"),
            );
            text.push_str(&classes);
        }
        text
    }

    /// What stands in a stage's node.
    pub(super) fn stage_lines(&self, stage: usize) -> Vec<String> {
        let mut lines = vec![figures::name(&self.pipeline.stages[stage].name)];
        if self.pipeline.is_bottleneck(stage) {
            lines.push("(bottleneck)".to_string());
        }
        lines
    }
}

/// What stands at a channel's edge: its name, then its figures.
pub(super) fn channel_lines(channel: &Channel) -> Vec<String> {
    let mut lines = vec![figures::name(shown_name(&channel.snapshot))];
    lines.extend(figures::lines(&channel.snapshot.stats));
    lines
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  {content}");
}

/// A quoted string of Graphviz. Beside the quote, a backslash would start an escape such as `\N`, and an ampersand an
/// entity such as `&lt;`.
fn dot_label(lines: &[String]) -> String {
    let escaped = lines.iter().map(|line| {
        let mut text = String::with_capacity(line.len());
        for character in line.chars() {
            match character {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '&' => text.push_str("&amp;"),
                other => text.push(other),
            }
        }
        text
    });
    format!("\"{}\"", escaped.collect::<Vec<_>>().join("\\n"))
}

/// A quoted string of Mermaid. Its labels may hold Markdown and HTML, of which versions differ in what they understand,
/// so that all ASCII punctuation but the harmless is written as Mermaid's own entities.
fn mermaid_label(lines: &[String]) -> String {
    let escaped = lines.iter().map(|line| {
        let mut text = String::with_capacity(line.len());
        for (position, character) in line.char_indices() {
            let before = &line[..position];
            let is_harmless = match character {
                '(' => true,
                '_' | '-' | ',' | '/' | ':' => !before.is_empty(),
                // After a number at the beginning of a line these would begin a list.
                '.' | ')' => before.contains(|c: char| !c.is_ascii_digit()),
                _ => !character.is_ascii_punctuation(),
            };
            if is_harmless {
                text.push(character);
            } else {
                // Writing to a string cannot fail.
                let _ = write!(text, "#{};", u32::from(character));
            }
        }
        text
    });
    format!("\"{}\"", escaped.collect::<Vec<_>>().join("<br/>"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Shown;
    use super::*;

    const NASTY: &str = "a \"b\" \\N <i>&amp;</i> `c` #35; 1. ]==>|x|\n;}";

    #[test]
    fn no_channels_make_an_empty_picture() {
        let graph = Graph::new([]);
        assert_eq!(graph.to_mermaid(), "flowchart TD\n");
        assert!(graph.to_dot().starts_with("digraph pipeline {\n"));
        assert!(graph.to_dot().ends_with("];\n}\n") && !graph.to_dot().contains("s0"));
        assert_eq!(graph.bottleneck(), None);
    }

    #[test]
    fn stages_are_nodes_and_channels_are_edges_with_figures() {
        let graph = Graph::new([
            Shown::between("files", "walk", "read")
                .delivered(1_000, 200, 34)
                .peak(8, 8)
                .waited(3_210, 12)
                .done(),
            Shown::between("chunks", "read", "count").dropped(3).done(),
        ]);
        assert_eq!(graph.bottleneck(), Some("read"));
        let dot = graph.to_dot();
        assert!(dot.contains("  s0 [label=\"walk\"];\n"), "{dot}");
        assert!(
            dot.contains("  s1 [label=\"read\\n(bottleneck)\", style=\"rounded,filled\""),
            "{dot}"
        );
        assert!(
            dot.contains(
                "  s0 -> s1 [label=\"files\\n1,234 delivered\\npeak 8 of 8\\nsenders waited 3.21 s\\nreceivers waited 12.0 ms\"];\n"
            ),
            "{dot}"
        );
        assert!(
            dot.contains(
                "  s1 -> s2 [label=\"chunks\\n0 delivered\\n3 dropped\\npeak 0 of 8\"];\n"
            ),
            "{dot}"
        );
        let mermaid = graph.to_mermaid();
        assert!(mermaid.contains("  s0[\"walk\"]\n"), "{mermaid}");
        assert!(
            mermaid.contains(
                "  s1 -->|\"chunks<br/>0 delivered<br/>3 dropped<br/>peak 0 of 8\"| s2\n"
            ),
            "{mermaid}"
        );
        assert!(mermaid.contains("  class s1 bottleneck\n"), "{mermaid}");
    }

    #[test]
    fn names_cannot_leave_their_quotes() {
        let graph = Graph::new([Shown::between(NASTY, NASTY, "plain").done()]);
        let dot = graph.to_dot();
        let escaped = r#"a \"b\" \\N <i>&amp;amp;</i> `c` #35; 1. ]==>|x|\\n;}"#;
        assert!(
            dot.contains(&format!("s0 [label=\"{escaped}\"];\n")),
            "{dot}"
        );
        assert!(
            dot.contains(&format!("s0 -> s1 [label=\"{escaped}\\n0 delivered")),
            "{dot}"
        );

        let mermaid = graph.to_mermaid();
        assert_eq!(mermaid.lines().count(), 4, "{mermaid}");
        for line in mermaid.lines().filter(|line| line.contains("s0")) {
            let label = line
                .split('"')
                .nth(1)
                .expect("a quoted label")
                .replace("<br/>", " ");
            assert_eq!(line.matches('"').count(), 2, "{line}");
            let odd: Vec<_> = label
                .matches(['<', '>', '&', '`', '|', ']', '\\', '='])
                .collect();
            assert!(odd.is_empty(), "{odd:?} in {label}");
        }
        assert_eq!(
            entities_resolved(&mermaid_label(&[figures::name(NASTY)])),
            figures::name(NASTY)
        );
    }

    #[test]
    fn a_name_is_never_taken_for_a_list() {
        let label = |name: &str| mermaid_label(&[name.to_string()]);
        assert_eq!(label("1. walk"), "\"1#46; walk\"");
        assert_eq!(label("12) walk"), "\"12#41; walk\"");
        assert_eq!(label("- walk"), "\"#45; walk\"");
        assert_eq!(label("_x_"), "\"#95;x_\"");
        assert_eq!(
            label("read-ahead v1.2 (disk)"),
            "\"read-ahead v1.2 (disk)\""
        );
    }

    /// What Mermaid shows for a label of ours.
    fn entities_resolved(label: &str) -> String {
        let mut text = String::new();
        let mut rest = label.trim_matches('"');
        while let Some((before, after)) = rest.split_once('#') {
            let (number, after) = after.split_once(';').expect("an entity ends");
            text.push_str(before);
            text.extend(number.parse().ok().and_then(char::from_u32));
            rest = after;
        }
        text + rest
    }

    #[test]
    fn ends_that_were_not_told_are_dashed_nodes_of_their_own() {
        let graph = Graph::new([Shown::named("x").done(), Shown::named("y").done()]);
        let dot = graph.to_dot();
        assert!(
            dot.contains("s0 [label=\"senders of x\", style=\"rounded,dashed\"];"),
            "{dot}"
        );
        assert!(dot.contains("s2 -> s3"), "{dot}");
        assert!(graph.to_mermaid().contains("class s3 untold"));
    }

    #[test]
    fn circles_and_parallel_channels_are_drawn_as_they_are() {
        let graph = Graph::new([
            Shown::between("there", "a", "b").done(),
            Shown::between("back", "b", "a").done(),
            Shown::between("again", "a", "b").done(),
            Shown::between("self", "a", "a").done(),
        ]);
        let dot = graph.to_dot();
        for edge in [
            "s0 -> s1 [label=\"there",
            "s1 -> s0 [label=\"back",
            "s0 -> s1 [label=\"again",
            "s0 -> s0 [label=\"self",
        ] {
            assert_eq!(dot.matches(edge).count(), 1, "{edge} in {dot}");
        }
    }
}
