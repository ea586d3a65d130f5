//! The first stage: walks directory trees and finds every file once.

use crate::args::Args;
use crate::problem::{one_line, Problem};
use millstream::{SendError, Sender};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::FileType;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// What is found: a file to be read, or something that could not be looked at.
pub type Found = Result<PathBuf, Problem>;

/// Nobody wants to know of any more files.
type Stopped = SendError<Found>;

/// Sends every file below the paths, until all are found or nobody receives any more.
///
/// Blocks its thread while the channel is full, so it never runs far ahead of the readers.
pub fn walk(args: &Args, files: &Sender<Found>) {
    let mut walk = Walk {
        args,
        files,
        entered: HashSet::new(),
        aside: Vec::new(),
    };
    // That nobody receives is the one reason to stop early, and no reason to complain.
    let _ = walk.everything();
}

/// A walk under way.
///
/// Paths may overlap, and links may lead to what the walk finds anyway. A file in a directory is found through that
/// directory, so it is enough to enter no directory twice. The others, files that are themselves a PATH or behind a
/// link, are put aside until the directories are known. So memory grows with the number of directories, not of files.
struct Walk<'a> {
    args: &'a Args,
    files: &'a Sender<Found>,
    /// The real paths of the directories that were entered.
    entered: HashSet<PathBuf>,
    /// Files that were not found through their own directory.
    aside: Vec<PathBuf>,
}

impl Walk<'_> {
    fn everything(&mut self) -> Result<(), Stopped> {
        let args = self.args;
        for path in &args.paths {
            self.tree(path)?;
        }
        self.files_put_aside()
    }

    fn tree(&mut self, root: &Path) -> Result<(), Stopped> {
        let mut entries = WalkDir::new(root)
            .follow_links(self.args.follow)
            .into_iter();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unreadable(error.path().unwrap_or(root), &error)?;
                    continue;
                }
            };
            let kind = match kind(&entry) {
                Ok(kind) => kind,
                Err(error) => {
                    self.problem(entry.path(), error)?;
                    continue;
                }
            };
            let is_wanted = entry.depth() == 0 || !self.is_passed_over(entry.file_name());
            if !kind.is_dir() {
                if is_wanted {
                    self.file(entry, kind)?;
                }
            } else if !is_wanted || !self.enter(entry.path())? {
                entries.skip_current_dir();
            }
        }
        Ok(())
    }

    /// Whether a directory is to be walked: not if the walk was there before.
    fn enter(&mut self, path: &Path) -> Result<bool, Stopped> {
        match path.canonicalize() {
            Ok(real) => Ok(self.entered.insert(real)),
            Err(error) => {
                self.problem(path, error)?;
                Ok(false)
            }
        }
    }

    fn file(&mut self, entry: DirEntry, kind: FileType) -> Result<(), Stopped> {
        let is_root = entry.depth() == 0;
        if !kind.is_file() {
            // Links that are not followed, pipes, sockets and devices have nothing to count, and reading some of them
            // would never end. One that the user asked for gets an answer.
            if is_root {
                self.problem(entry.path(), "neither a file nor a directory")?;
            }
            return Ok(());
        }
        if is_root || entry.path_is_symlink() {
            self.aside.push(entry.into_path());
            return Ok(());
        }
        self.files.send_blocking(Ok(entry.into_path()))
    }

    fn files_put_aside(&mut self) -> Result<(), Stopped> {
        let mut sent = HashSet::new();
        for path in std::mem::take(&mut self.aside) {
            let real = match path.canonicalize() {
                Ok(real) => real,
                Err(error) => {
                    self.problem(&path, error)?;
                    continue;
                }
            };
            let was_found = match (real.parent(), real.file_name()) {
                (Some(parent), Some(name)) => {
                    self.entered.contains(parent) && !self.is_passed_over(name)
                }
                _ => false,
            };
            if !was_found && sent.insert(real) {
                self.files.send_blocking(Ok(path))?;
            }
        }
        Ok(())
    }

    fn unreadable(&mut self, path: &Path, error: &walkdir::Error) -> Result<(), Stopped> {
        if let Some(ancestor) = error.loop_ancestor() {
            let ancestor = one_line(&ancestor.to_string_lossy());
            let reason = format!("a loop of symbolic links: it leads back to {ancestor}");
            return self.problem(path, reason);
        }
        // A directory that cannot be listed shows none of its files: they may still be found in another way.
        if let Ok(real) = path.canonicalize() {
            self.entered.remove(&real);
        }
        match error.io_error() {
            Some(error) => self.problem(path, error),
            None => self.problem(path, error),
        }
    }

    fn problem(&self, path: &Path, reason: impl Display) -> Result<(), Stopped> {
        self.files.send_blocking(Err(Problem::new(path, reason)))
    }

    fn is_passed_over(&self, name: &OsStr) -> bool {
        !self.args.hidden && name.as_encoded_bytes().starts_with(b".")
    }
}

/// What an entry is. A PATH may be a link, which stands for what it leads to; other links do so if they are followed.
fn kind(entry: &DirEntry) -> io::Result<FileType> {
    if entry.depth() == 0 {
        entry.path().metadata().map(|data| data.file_type())
    } else {
        Ok(entry.file_type())
    }
}
