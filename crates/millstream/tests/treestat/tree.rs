//! Trees of files for a test, which go when the test is over.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of one's own.
pub struct Tree {
    root: PathBuf,
}

impl Tree {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("treestat-test-{}-{number}", process::id());
        let root = std::env::temp_dir().join(name);
        fs::create_dir(&root).expect("a new folder for the test");
        let root = root.canonicalize().expect("the folder is there");
        Tree { root }
    }

    pub fn path(&self) -> &Path {
        &self.root
    }

    pub fn join(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// Writes a file, and makes the folders on the way to it.
    pub fn file(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("folders");
        fs::write(&path, content).expect("a file");
        path
    }

    pub fn folder(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = self.root.join(path);
        fs::create_dir_all(&path).expect("folders");
        path
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // A folder that was locked by a test must be opened first.
        let _ = fs::remove_dir_all(&self.root);
    }
}
