//! How a file becomes chunks: bounded pieces that can be counted each by itself, with nothing lost or counted twice at
//! their boundaries.

use std::io::{self, Read};

/// Identifiers are counted up to this length in bytes; what is longer is data.
pub const LONGEST_IDENTIFIER: usize = 255;

/// A piece of a file.
#[derive(Debug)]
pub struct Chunk {
    pub text: Vec<u8>,
    pub start: Start,
}

/// What stands before a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Nothing: the chunk is the first of its file.
    File,
    /// White space: whatever the chunk begins with, begins there.
    Apart,
    /// The beginning of a word, and of no identifier.
    InWord,
    /// More characters of one identifier than an identifier may have.
    InIdentifier,
}

/// The chunks of a file, in order; an empty file has one, which is empty.
///
/// A chunk ends after white space wherever there is some in it. Only a file with words of hundreds of kilobytes (a
/// minified program, an encoded picture) has chunks that end within a word, after something that belongs to no
/// identifier; and only if all of a chunk is one run of letters and digits does it end within that. The next chunk says
/// so in its [`Start`].
#[derive(Debug)]
pub struct Chunks<R> {
    reader: R,
    size: usize,
    /// What was read and belongs to the next chunk.
    rest: Vec<u8>,
    /// How the next chunk starts; `None` after the last one.
    start: Option<Start>,
    /// What ended the reading early, to be said after the last chunk.
    failed: Option<io::Error>,
}

impl<R: Read> Chunks<R> {
    /// Chunks of up to `size` bytes. `expected` is how long the file probably is: a small file gets a small buffer.
    ///
    /// # Panics
    ///
    /// If `size` is so small that an identifier of full length might not fit.
    pub fn new(reader: R, size: usize, expected: u64) -> Self {
        assert!(
            size > LONGEST_IDENTIFIER + 4,
            "chunks of {size} bytes are too small"
        );
        let expected = usize::try_from(expected).unwrap_or(size);
        Chunks {
            reader,
            size,
            // With room for one byte more, the end of the file is found without another allocation.
            rest: Vec::with_capacity(expected.saturating_add(1).min(size)),
            start: Some(Start::File),
            failed: None,
        }
    }
}

impl<R: Read> Iterator for Chunks<R> {
    type Item = io::Result<Chunk>;

    fn next(&mut self) -> Option<io::Result<Chunk>> {
        let Some(start) = self.start else {
            return self.failed.take().map(Err);
        };
        let mut text = std::mem::take(&mut self.rest);
        let missing = (self.size - text.len()) as u64;
        // This also retries what a signal has interrupted.
        let read = self.reader.by_ref().take(missing).read_to_end(&mut text);
        if read.is_err() || text.len() < self.size {
            self.start = None;
            self.failed = read.err();
            // A file of which nothing could be read is a failure, and not an empty file.
            let is_file = start == Start::File && self.failed.is_none();
            if text.is_empty() && !is_file {
                return self.failed.take().map(Err);
            }
            return Some(Ok(Chunk { text, start }));
        }
        let (end, next) = boundary(&text);
        self.rest = Vec::with_capacity(self.size);
        self.rest.extend_from_slice(&text[end..]);
        text.truncate(end);
        self.start = Some(next);
        Some(Ok(Chunk { text, start }))
    }
}

/// Where a full buffer is cut, and what that means for the chunk that begins there.
fn boundary(text: &[u8]) -> (usize, Start) {
    if let Some(position) = text.iter().rposition(|byte| is_white_space(*byte)) {
        return (position + 1, Start::Apart);
    }
    // From here on characters matter, and the last one may not be there as a whole.
    let whole = &text[..text.len() - unfinished(text)];
    match end_of_last_separator(whole) {
        Some(end) => (end, Start::InWord),
        None => (whole.len(), Start::InIdentifier),
    }
}

/// White space between words, as the C locale has it.
pub fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c')
}

/// Whether a character can stand in an identifier.
pub fn is_of_identifier(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// How many bytes at the end begin a character of UTF-8 that goes on after them.
fn unfinished(text: &[u8]) -> usize {
    let tail = &text[text.len().saturating_sub(3)..];
    (0..tail.len())
        .find(|start| {
            // The decoder tells bytes that are wrong from bytes that could still become right.
            let error = std::str::from_utf8(&tail[*start..]).err();
            error.is_some_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
        })
        .map_or(0, |start| tail.len() - start)
}

/// The end of the last character, or wrong byte, that belongs to no identifier.
fn end_of_last_separator(text: &[u8]) -> Option<usize> {
    let mut end = 0;
    let mut last = None;
    for part in text.utf8_chunks() {
        let valid = part.valid();
        if let Some((position, found)) = valid.char_indices().rfind(|(_, c)| !is_of_identifier(*c))
        {
            last = Some(end + position + found.len_utf8());
        }
        end += valid.len() + part.invalid().len();
        if !part.invalid().is_empty() {
            last = Some(end);
        }
    }
    last
}
