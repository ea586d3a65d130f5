//! The third stage: counts what is in a chunk.

use crate::chunk::{is_of_identifier, is_white_space, Chunk, Start, LONGEST_IDENTIFIER};
use crate::read::{FileType, Piece};
use std::collections::HashMap;
use std::ops::AddAssign;

/// Sums that can be added up over chunks, files and types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub files: u64,
    pub lines: u64,
    pub words: u64,
    pub bytes: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.files += other.files;
        self.lines += other.lines;
        self.words += other.words;
        self.bytes += other.bytes;
    }
}

/// What one chunk adds.
#[derive(Debug)]
pub struct Counted {
    pub file_type: FileType,
    pub counts: Counts,
    pub identifiers: Identifiers,
}

/// The different identifiers of a chunk, and how often each is in it.
///
/// They stay where they are in the chunk's text: only one that the whole tree has not had before is ever copied.
#[derive(Debug, Default)]
pub struct Identifiers {
    text: Vec<u8>,
    /// Start, length, and how often.
    found: Vec<(u32, u8, u32)>,
}

impl Identifiers {
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.found.iter().map(|(start, length, times)| {
            let start = *start as usize;
            let bytes = &self.text[start..start + usize::from(*length)];
            let name = std::str::from_utf8(bytes).expect("identifiers are made of characters");
            (name, u64::from(*times))
        })
    }
}

/// Counts a piece of a file.
pub fn count(piece: Piece) -> Counted {
    let Piece { file_type, chunk } = piece;
    let mut counts = Counts {
        files: u64::from(chunk.start == Start::File),
        lines: chunk.text.iter().filter(|byte| **byte == b'\n').count() as u64,
        words: 0,
        bytes: chunk.text.len() as u64,
    };
    let mut identifiers = Identifiers::default();
    if file_type != FileType::Binary {
        counts.words = words(&chunk);
        identifiers = find_identifiers(chunk);
    }
    Counted {
        file_type,
        counts,
        identifiers,
    }
}

/// How many words begin in the chunk.
fn words(chunk: &Chunk) -> u64 {
    let mut words = 0;
    let mut in_word = matches!(chunk.start, Start::InWord | Start::InIdentifier);
    for byte in &chunk.text {
        let is_in_word = !is_white_space(*byte);
        words += u64::from(is_in_word && !in_word);
        in_word = is_in_word;
    }
    words
}

fn find_identifiers(chunk: Chunk) -> Identifiers {
    let mut found: HashMap<&[u8], (u32, u32)> = HashMap::new();
    let text = &chunk.text[..];
    // What goes on here of an identifier that is too long counts as little as its beginning did.
    let mut is_rest = chunk.start == Start::InIdentifier;
    for_each_run(text, |start, end| {
        let run = &text[start..end];
        let is_rest = std::mem::take(&mut is_rest) && start == 0;
        if !is_rest && run.len() <= LONGEST_IDENTIFIER && !begins_with_digit(run) {
            let start = u32::try_from(start).expect("chunks are far smaller");
            found.entry(run).or_insert((start, 0)).1 += 1;
        }
    });
    let found = found.into_iter().map(|(run, (start, times))| {
        let length = u8::try_from(run.len()).expect("no longer than LONGEST_IDENTIFIER");
        (start, length, times)
    });
    Identifiers {
        found: found.collect(),
        text: chunk.text,
    }
}

/// Calls `run` with the bounds of each longest run of identifier characters.
fn for_each_run(text: &[u8], mut run: impl FnMut(usize, usize)) {
    let mut position = 0;
    for part in text.utf8_chunks() {
        let valid = part.valid();
        let mut begun = None;
        for (offset, character) in valid.char_indices() {
            match (begun, is_of_identifier(character)) {
                (None, true) => begun = Some(offset),
                (Some(start), false) => {
                    run(position + start, position + offset);
                    begun = None;
                }
                _ => {}
            }
        }
        if let Some(start) = begun {
            run(position + start, position + valid.len());
        }
        position += valid.len() + part.invalid().len();
    }
}

fn begins_with_digit(run: &[u8]) -> bool {
    let text = std::str::from_utf8(run).expect("runs are made of characters");
    text.starts_with(|first: char| first.is_numeric())
}
