//! The channels of a pipeline as a table for a terminal or a log.

use super::figures;
use super::pipeline::{shown_name, Channel, Pipeline};
use super::Snapshot;
use std::fmt;

/// A table of channels, one a line, with the bottleneck marked; `Display` writes it.
///
/// The columns: the channel's name; the stages it lies between; who waits now; how many values were delivered, and how
/// ([`Stats`](crate::Stats) explains `buffered`, `queued` and `immediate`); values dropped by policy, if any channel
/// dropped some; the most values it ever held, and its capacity; how long its senders and its receivers have waited,
/// summed over all of them, so that it can be more than the time that has passed.
///
/// What the table adds is ASCII; names are shown as they are, except for control characters.
///
/// # The bottleneck
///
/// The bottleneck is the stage that others wait for and that waits for nobody. It is marked as `*name*` and named below
/// the table. The rule, which [`Graph`](super::Graph) shares:
///
/// 1. Between two stages, the one that waited ten times as long as the other, or longer, waited *for* the other. If
///    neither did, they keep pace. (If no two stages differ so much, the longer wait decides.)
/// 2. Start at the stage that senders waited for longest; or, if none waited a tenth as long as some receiver did, at
///    the one that receivers waited for longest.
/// 3. As long as that stage waited for another one itself, go on to the one it waited for longest, leaving out waits
///    shorter than a hundredth of the longest of all. Where this ends is the bottleneck; if it runs in a circle, it is
///    the stage of the circle that kept others waiting most, less its own waiting.
///
/// There is none if nobody waited. The ends of a channel made without [`between`](crate::Builder::between) count as
/// stages of their own.
///
/// It is a hint and no proof: all that is known is how long who waited, in sum, and not how many threads or tasks a
/// stage has, nor whether one that does not wait works or is kept from it by other programs. And leave out channels
/// whose silence means nothing, such as a stop signal: a `select!` that listens to one counts as waiting for it.
///
/// # Examples
///
/// ```
/// use millstream::observe::{self, Table};
///
/// let (tx, rx) = millstream::named("lines").between("read", "count").bounded(64);
/// tx.try_send("a line").unwrap();
/// rx.try_recv().unwrap();
///
/// let table = Table::new([rx.probe().snapshot()]).to_string();
/// assert!(table.contains("read -> count"));
/// assert!(table.contains("1/64"));
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    pipeline: Pipeline,
}

impl Table {
    /// A table of these channels, in this order.
    pub fn new(snapshots: impl IntoIterator<Item = Snapshot>) -> Self {
        Table {
            pipeline: Pipeline::new(snapshots),
        }
    }

    /// The name of the stage that the others wait for, if anybody waited.
    pub fn bottleneck(&self) -> Option<&str> {
        self.pipeline.bottleneck_name()
    }

    fn stage(&self, stage: usize) -> String {
        let name = figures::name(&self.pipeline.stages[stage].name);
        if self.pipeline.is_bottleneck(stage) {
            format!("*{name}*")
        } else {
            name
        }
    }

    fn columns(&self) -> Vec<Column> {
        let pipeline = &self.pipeline;
        let column = |title, is_right, cell: &dyn Fn(&Channel) -> String| Column {
            title,
            is_right,
            cells: pipeline.channels.iter().map(cell).collect(),
        };
        let mut columns = vec![
            column("channel", false, &|channel| {
                figures::name(shown_name(&channel.snapshot))
            }),
            column("from -> to", false, &|channel| {
                format!("{} -> {}", self.stage(channel.from), self.stage(channel.to))
            }),
            column("state", false, &|channel| {
                figures::state(&channel.snapshot.stats).to_string()
            }),
            column("delivered", true, &|channel| {
                figures::count(channel.snapshot.stats.delivered())
            }),
            column("buffered/queued/immediate", true, &|channel| {
                let stats = &channel.snapshot.stats;
                [stats.buffered, stats.queued, stats.immediate]
                    .map(figures::count)
                    .join("/")
            }),
            column("peak/capacity", true, &|channel| {
                let (high_water, capacity) = figures::peak(&channel.snapshot.stats);
                format!("{high_water}/{capacity}")
            }),
            column("senders waited", true, &|channel| {
                figures::waited(channel.snapshot.stats.send_blocked)
            }),
            column("receivers waited", true, &|channel| {
                figures::waited(channel.snapshot.stats.recv_blocked)
            }),
        ];
        let dropped = |channel: &Channel| channel.snapshot.stats.dropped;
        if pipeline.channels.iter().any(|channel| dropped(channel) > 0) {
            let dropped = column("dropped", true, &|channel| figures::count(dropped(channel)));
            columns.insert(5, dropped);
        }
        columns
    }
}

/// A column with its cells, top to bottom.
struct Column {
    title: &'static str,
    is_right: bool,
    cells: Vec<String>,
}

impl Column {
    fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| cell.chars().count());
        cells.chain([self.title.len()]).max().unwrap_or_default()
    }

    fn pad(&self, cell: &str) -> String {
        let width = self.width();
        if self.is_right {
            format!("{cell:>width$}")
        } else {
            format!("{cell:<width$}")
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pipeline.channels.is_empty() {
            return f.write_str("no named channels");
        }
        let columns = self.columns();
        let line = |cell: &dyn Fn(&Column) -> String| {
            let cells: Vec<String> = columns.iter().map(cell).collect();
            cells.join("  ").trim_end().to_string()
        };
        f.write_str(&line(&|column| column.pad(column.title)))?;
        for row in 0..self.pipeline.channels.len() {
            write!(f, "\n{}", line(&|column| column.pad(&column.cells[row])))?;
        }
        if let Some(found) = self.pipeline.bottleneck {
            let name = self.stage(found.stage);
            let waited = figures::duration(found.waited);
            write!(
                f,
                "\n{name} is the bottleneck: the others waited {waited} for it"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Shown;
    use super::*;

    fn shown(snapshots: impl IntoIterator<Item = Snapshot>) -> Vec<String> {
        let table = Table::new(snapshots).to_string();
        table.lines().map(str::to_string).collect()
    }

    #[test]
    fn no_channels_are_said_to_be_none() {
        assert_eq!(Table::new([]).to_string(), "no named channels");
        assert_eq!(Table::new([]).bottleneck(), None);
    }

    #[test]
    fn columns_line_up_and_the_bottleneck_is_marked() {
        let lines = shown([
            Shown::between("files", "walk", "read")
                .delivered(1_200, 30, 4)
                .peak(256, 256)
                .waited(3_210, 12)
                .done(),
            Shown::between("chunks", "read", "count")
                .delivered(5, 0, 0)
                .peak(3, 8)
                .waited(1_500, 0)
                .done(),
        ]);
        let expected = [
            "channel  from -> to       state         delivered  buffered/queued/immediate  peak/capacity  senders waited  receivers waited",
            "files    walk -> read     nobody waits      1,234                 1,200/30/4        256/256          3.21 s           12.0 ms",
            "chunks   read -> *count*  nobody waits          5                      5/0/0            3/8          1.50 s                 0",
            "*count* is the bottleneck: the others waited 1.50 s for it",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn dropped_values_have_a_column_only_if_there_are_any() {
        let quiet = Shown::between("a", "x", "y");
        assert!(!shown([quiet.clone().done()])[0].contains("dropped"));
        let lines = shown([
            quiet.dropped(17).done(),
            Shown::between("b", "y", "z").done(),
        ]);
        let column = lines[0].find("dropped").expect("a column") + "dropped".len();
        assert!(lines[1][..column].ends_with("     17"), "{lines:#?}");
        assert!(lines[2][..column].ends_with("      0"), "{lines:#?}");
    }

    #[test]
    fn a_channel_without_stages_gets_its_ends_named_after_it() {
        let lines = shown([Shown::named("lines").waited(20, 0).done()]);
        assert!(
            lines[1].contains("senders of lines -> *receivers of lines*"),
            "{lines:#?}"
        );
    }

    #[test]
    fn a_channel_without_a_name_and_times_is_shown_all_the_same() {
        let (_tx, rx) = crate::bounded::<u8>(3);
        let lines = shown([rx.probe().snapshot()]);
        assert!(
            lines[1].starts_with("(unnamed)  senders of (unnamed) -> "),
            "{lines:#?}"
        );
        assert!(
            lines[1].ends_with("-                 -"),
            "no time is kept: {lines:#?}"
        );
        assert_eq!(lines.len(), 2, "nobody waited");
    }

    #[test]
    fn unbounded_channels_and_control_characters_fit_in_a_line() {
        let (_tx, rx) = crate::named("a\nb\u{1b}")
            .between("x\t", "y")
            .unbounded::<u8>();
        let lines = shown([rx.probe().snapshot()]);
        assert_eq!(lines.len(), 2, "{lines:#?}");
        assert!(
            lines[1].contains("a\\nb\\u{1b}") && lines[1].contains("x\\t -> y"),
            "{lines:#?}"
        );
        assert!(lines[1].contains("0/no limit"), "{lines:#?}");
    }

    #[test]
    fn a_wide_name_moves_its_neighbours_in_every_line() {
        let lines = shown([
            Shown::between("\u{e4}\u{f6}\u{fc}-\u{e4}\u{f6}\u{fc}", "x", "y").done(),
            Shown::between("b", "x", "y").done(),
        ]);
        let column = |line: &str| {
            let byte = line.find("x -> y").expect("the stages");
            line[..byte].chars().count()
        };
        assert_eq!(column(&lines[1]), column(&lines[2]));
    }
}
