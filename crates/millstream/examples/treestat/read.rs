//! The second stage: opens files and reads them chunk by chunk.

use crate::chunk::{Chunk, Chunks};
use crate::problem::Problem;
use crate::walk::Found;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much of a file is in memory at a time; a stage that is busy with a file holds this much of it.
const CHUNK_SIZE: usize = 256 * 1024;

/// How far into a file a NUL byte makes it binary.
const LOOKED_AT: usize = 8 * 1024;

/// A chunk, and what kind of file it is of.
#[derive(Debug)]
pub struct Piece {
    pub file_type: FileType,
    pub chunk: Chunk,
}

/// What files are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileType {
    /// By the ending of the name, in lower case; empty for a name without one.
    Text(Arc<str>),
    Binary,
}

/// The pieces of a file, read as they are asked for, or the problem there was.
pub fn pieces(found: Found) -> impl Iterator<Item = Result<Piece, Problem>> {
    let (pieces, problem) = match found.and_then(open) {
        Ok(pieces) => (Some(pieces), None),
        Err(problem) => (None, Some(Err(problem))),
    };
    problem.into_iter().chain(pieces.into_iter().flatten())
}

struct Pieces {
    path: PathBuf,
    file_type: FileType,
    chunks: Chunks<File>,
    is_first: bool,
}

fn open(path: PathBuf) -> Result<Pieces, Problem> {
    let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (length, file) = opened.map_err(|error| Problem::new(&path, error))?;
    Ok(Pieces {
        file_type: text_type(&path),
        path,
        chunks: Chunks::new(file, CHUNK_SIZE, length),
        is_first: true,
    })
}

impl Iterator for Pieces {
    type Item = Result<Piece, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let chunk = match self.chunks.next()? {
            Ok(chunk) => chunk,
            Err(error) => return Some(Err(Problem::new(&self.path, error))),
        };
        if std::mem::take(&mut self.is_first) {
            let beginning = &chunk.text[..chunk.text.len().min(LOOKED_AT)];
            if beginning.contains(&0) {
                self.file_type = FileType::Binary;
            }
        }
        Some(Ok(Piece {
            file_type: self.file_type.clone(),
            chunk,
        }))
    }
}

fn text_type(path: &Path) -> FileType {
    let ending = path.extension().unwrap_or_default();
    FileType::Text(ending.to_string_lossy().to_lowercase().into())
}
