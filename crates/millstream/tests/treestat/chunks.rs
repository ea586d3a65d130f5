//! A file counted chunk by chunk comes to the same as the file counted whole.

use crate::chunk::{Chunk, Chunks, Start, LONGEST_IDENTIFIER};
use crate::count::{count, Counts};
use crate::read::{FileType, Piece};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::{self, Read};

/// What is in a text, counted whole and as plainly as can be.
fn plain_count(text: &[u8]) -> (Counts, BTreeMap<String, u64>) {
    let is_white = |byte: &u8| b" \t\n\r\x0b\x0c".contains(byte);
    let counts = Counts {
        files: 1,
        lines: text.iter().filter(|byte| **byte == b'\n').count() as u64,
        words: text.split(is_white).filter(|word| !word.is_empty()).count() as u64,
        bytes: text.len() as u64,
    };
    let mut identifiers = BTreeMap::new();
    let text = String::from_utf8_lossy(text);
    for name in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
        let begins_well = name.chars().next().is_some_and(|first| !first.is_numeric());
        if begins_well && name.len() <= LONGEST_IDENTIFIER {
            *identifiers.entry(name.to_string()).or_default() += 1;
        }
    }
    (counts, identifiers)
}

/// The same by way of chunks.
fn chunked_count(chunks: Vec<Chunk>) -> (Counts, BTreeMap<String, u64>) {
    let mut sum = Counts::default();
    let mut identifiers = BTreeMap::new();
    for chunk in chunks {
        let counted = count(Piece {
            file_type: FileType::Text("".into()),
            chunk,
        });
        sum += counted.counts;
        for (name, times) in counted.identifiers.iter() {
            *identifiers.entry(name.to_string()).or_default() += times;
        }
    }
    (sum, identifiers)
}

/// A reader that gives little at a time, is interrupted now and then, and may fail at the end.
struct Choppy<'a> {
    rest: &'a [u8],
    at_a_time: usize,
    reads: usize,
    fails: bool,
}

impl Read for Choppy<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        if self.reads % 5 == 2 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if self.rest.is_empty() && self.fails {
            return Err(io::Error::other("torn off"));
        }
        let length = self.rest.len().min(buffer.len()).min(self.at_a_time);
        buffer[..length].copy_from_slice(&self.rest[..length]);
        self.rest = &self.rest[length..];
        Ok(length)
    }
}

fn chunks(text: &[u8], size: usize, at_a_time: usize, expected: u64) -> Vec<Chunk> {
    let reader = Choppy {
        rest: text,
        at_a_time,
        reads: 0,
        fails: false,
    };
    let chunks: io::Result<Vec<Chunk>> = Chunks::new(reader, size, expected).collect();
    chunks.expect("nothing fails")
}

/// Pieces of text that are hard on boundaries: runs around the length of a chunk, characters of several bytes, bytes
/// that are no characters, digits at the beginning, no white space for long.
fn hard_text() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        3 => Just(b" ".to_vec()),
        2 => Just(b"\n".to_vec()),
        1 => Just("\u{2003}".as_bytes().to_vec()),
        3 => "[a-z_][a-z0-9_]{0,12}".prop_map(String::into_bytes),
        2 => "[0-9]{1,3}[a-z]{0,3}".prop_map(String::into_bytes),
        2 => "[;.,(){}=]{1,40}".prop_map(String::into_bytes),
        2 => "[\u{e4}\u{df}\u{6f22}\u{1d4ea}\u{ff0c}\u{2014}a]{1,60}".prop_map(String::into_bytes),
        2 => (200_usize..700, "[xyz\u{e4}\u{1d4ea}]").prop_map(|(times, of)| of.repeat(times).into_bytes()),
        1 => (1_usize..700).prop_map(|times| ";".repeat(times).into_bytes()),
        2 => prop::collection::vec(0x80_u8..=0xff, 1..8),
        1 => prop::collection::vec(any::<u8>(), 1..40),
    ];
    prop::collection::vec(part, 0..10).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_or_counted_twice(
        text in hard_text(),
        size in 260_usize..900,
        at_a_time in 1_usize..1_000,
        expected in 0_u64..2_000,
    ) {
        let chunks = chunks(&text, size, at_a_time, expected);
        prop_assert!(chunks.iter().all(|chunk| chunk.text.len() <= size));
        let joined: Vec<u8> = chunks.iter().flat_map(|chunk| chunk.text.clone()).collect();
        prop_assert_eq!(&joined, &text);
        prop_assert_eq!(chunked_count(chunks), plain_count(&text));
    }
}

/// The property holds for chunks that never end within anything, too: so see that these ends do occur.
#[test]
fn every_kind_of_boundary_is_met() {
    let starts = |text: &str| -> Vec<Start> {
        let chunks = chunks(text.as_bytes(), 300, 1_000, 0);
        chunks.iter().map(|chunk| chunk.start).collect()
    };
    assert_eq!(starts(""), [Start::File]);
    assert_eq!(starts(&"word ".repeat(100)), [Start::File, Start::Apart]);
    assert_eq!(starts(&"a;".repeat(200)), [Start::File, Start::InWord]);
    assert_eq!(
        starts(&"a".repeat(700)),
        [Start::File, Start::InIdentifier, Start::InIdentifier]
    );
    assert_eq!(
        starts(&"\u{e4}".repeat(299)),
        [Start::File, Start::InIdentifier]
    );
    assert_eq!(
        starts(&"a\u{ff0c}".repeat(100)),
        [Start::File, Start::InWord]
    );
}

#[test]
fn a_file_of_exactly_one_chunk_has_one() {
    let text = format!("{} ", "x".repeat(299));
    let whole = chunks(text.as_bytes(), 300, 1_000, 300);
    assert_eq!(whole.len(), 1);
    assert_eq!(whole[0].text, text.as_bytes());
}

#[test]
fn what_was_read_before_a_failure_is_counted() {
    let failing = |text: &'static [u8]| {
        let reader = Choppy {
            rest: text,
            at_a_time: 7,
            reads: 0,
            fails: true,
        };
        Chunks::new(reader, 300, 0)
            .map(|chunk| chunk.map(|chunk| chunk.text))
            .collect::<Vec<_>>()
    };
    let results = failing(b"counted so far");
    assert_eq!(results.len(), 2, "{results:?}");
    assert_eq!(results[0].as_deref().ok(), Some(&b"counted so far"[..]));
    assert_eq!(
        results[1].as_ref().map_err(ToString::to_string),
        Err("torn off".to_string())
    );

    let results = failing(b"");
    assert_eq!(
        results.len(),
        1,
        "nothing was read, so there is no file to count: {results:?}"
    );
    assert!(results[0].is_err());
}
