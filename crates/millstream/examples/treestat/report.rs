//! What is printed at the end.

use crate::count::Counts;
use crate::problem::one_line;
use crate::read::FileType;
use crate::tally::{Tally, Totals};
use std::io::{self, Write};

/// How many identifiers are shown of each type.
const SHOWN_IDENTIFIERS: usize = 10;

/// Everything that was counted.
#[derive(Debug)]
pub struct Report {
    pub tally: Tally,
    /// How many files and directories could not be read.
    pub problems: u64,
    /// Whether the user stopped the count before its end.
    pub is_partial: bool,
}

impl Report {
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.is_partial {
            writeln!(
                out,
                "PARTIAL: interrupted, this is what was counted until then\n"
            )?;
        }
        let mut types: Vec<(&FileType, &Totals)> = self.tally.iter().collect();
        types.sort_by_key(|(_, totals)| {
            std::cmp::Reverse((totals.counts.bytes, totals.counts.files))
        });
        let mut sum = Counts::default();
        for (_, totals) in &types {
            sum += totals.counts;
        }

        let names = types
            .iter()
            .map(|(file_type, _)| name(file_type).chars().count());
        let widths = Widths {
            name: names.chain([SUM.len()]).max().unwrap_or_default(),
            files: width("files", sum.files),
            lines: width("lines", sum.lines),
            words: width("words", sum.words),
            bytes: width("bytes", sum.bytes),
        };
        widths.line(
            out,
            "type",
            ["files", "lines", "words", "bytes"].map(String::from),
        )?;
        for (file_type, totals) in types {
            widths.counts(out, &name(file_type), totals.counts)?;
            let frequent = totals.most_frequent(SHOWN_IDENTIFIERS);
            if !frequent.is_empty() {
                let frequent = frequent
                    .iter()
                    .map(|(name, times)| format!("{name} {}", grouped(*times)));
                writeln!(out, "    {}", frequent.collect::<Vec<_>>().join(", "))?;
            }
        }
        widths.counts(out, SUM, sum)?;

        if self.tally.contains_key(&FileType::Binary) {
            writeln!(
                out,
                "(binary): a NUL byte in the first 8 KiB; words and identifiers of these are not counted"
            )?;
        }
        if self.problems > 0 {
            let number = grouped(self.problems);
            writeln!(
                out,
                "{number} could not be read and are not counted, or not to their end"
            )?;
        }
        Ok(())
    }
}

const SUM: &str = "all";

fn name(file_type: &FileType) -> String {
    match file_type {
        FileType::Binary => "(binary)".to_string(),
        FileType::Text(ending) if ending.is_empty() => "(none)".to_string(),
        FileType::Text(ending) => format!(".{}", one_line(ending)),
    }
}

/// How wide the columns are.
struct Widths {
    name: usize,
    files: usize,
    lines: usize,
    words: usize,
    bytes: usize,
}

impl Widths {
    fn counts(&self, out: &mut dyn Write, name: &str, counts: Counts) -> io::Result<()> {
        let numbers = [counts.files, counts.lines, counts.words, counts.bytes];
        self.line(out, name, numbers.map(grouped))
    }

    fn line(&self, out: &mut dyn Write, name: &str, cells: [String; 4]) -> io::Result<()> {
        let [files, lines, words, bytes] = cells;
        writeln!(
            out,
            "{name:<0$}  {files:>1$}  {lines:>2$}  {words:>3$}  {bytes:>4$}",
            self.name, self.files, self.lines, self.words, self.bytes
        )
    }
}

/// No cell of a column is wider than its title or its sum.
fn width(title: &str, sum: u64) -> usize {
    title.len().max(grouped(sum).len())
}

/// A number with its digits in groups of three.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
