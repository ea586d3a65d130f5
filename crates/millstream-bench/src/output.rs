//! The files that are written: opened before the first run, so that a slip of the pen costs no measuring, and kept as they are until there is something to write.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub struct Output {
    path: PathBuf,
    file: File,
}

impl Output {
    /// # Errors
    ///
    /// Fails, and names the file, when it cannot be written.
    pub fn open(path: &Path) -> Result<Self, String> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|error| unwritable(path, &error))?;
        Ok(Output {
            path: path.to_owned(),
            file,
        })
    }

    /// Puts a text where all that was in the file before was.
    ///
    /// # Errors
    ///
    /// Fails, and names the file, when that is not possible any more.
    pub fn write(mut self, text: &str) -> Result<(), String> {
        self.try_write(text)
            .map_err(|error| unwritable(&self.path, &error))
    }

    fn try_write(&mut self, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        // A pipe or a terminal has no length, and nothing behind the text either.
        if self.file.metadata()?.is_file() {
            self.file.set_len(text.len() as u64)?;
        }
        Ok(())
    }
}

fn unwritable(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::*;

    #[test]
    fn a_file_is_kept_until_there_is_something_to_write() {
        let name = format!("millstream-bench-output-{}", process::id());
        let path = env::temp_dir().join(name);
        fs::write(&path, "what a run before this one came to").expect("it can be written");
        let output = Output::open(&path).expect("it can be written");
        let kept = fs::read_to_string(&path).expect("it is there");
        assert_eq!(kept, "what a run before this one came to");
        output.write("this one").expect("it can be written");
        let text = fs::read_to_string(&path).expect("it is there");
        fs::remove_file(&path).expect("it is there");
        assert_eq!(text, "this one");
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let path = env::temp_dir().join("no such directory").join("file");
        let error = Output::open(&path).err().unwrap_or_default();
        let start = format!("cannot write {}: ", path.display());
        assert!(error.starts_with(&start), "{error}");
    }
}
