//! What could not be read, and why: an item that travels down the pipeline like any other.

use std::fmt;
use std::path::{Path, PathBuf};

/// Something that was not counted.
#[derive(Debug)]
pub struct Problem {
    pub path: PathBuf,
    pub reason: String,
}

impl Problem {
    pub fn new(path: &Path, reason: impl fmt::Display) -> Self {
        Problem {
            path: path.to_path_buf(),
            reason: reason.to_string(),
        }
    }
}

/// One line, whatever bytes the path is made of.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}",
            one_line(&self.path.to_string_lossy()),
            self.reason
        )
    }
}

/// A name without the characters that would break a line or talk to a terminal.
pub fn one_line(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}
