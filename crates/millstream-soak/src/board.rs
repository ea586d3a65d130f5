//! What is being run: for whoever wants to know why it hangs.

use crate::book::Book;
use millstream::observe::{Probe, Table};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The board of one run.
#[derive(Debug, Default)]
pub struct Board {
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    topology: String,
    probes: Vec<Probe>,
    posts: Vec<(String, Post)>,
    books: Vec<Arc<Book>>,
}

/// What one member does just now.
#[derive(Clone, Debug)]
pub struct Post(Arc<Mutex<&'static str>>);

impl Post {
    pub fn said(&self) -> &'static str {
        *lock(&self.0)
    }

    pub fn says(&self, what: &'static str) {
        *lock(&self.0) = what;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Board {
    /// Adds to the description of the topology.
    pub fn note(&self, what: impl fmt::Display) {
        let topology = &mut lock(&self.notes).topology;
        if !topology.is_empty() {
            topology.push_str(", ");
        }
        topology.push_str(&what.to_string());
    }

    pub fn probe(&self, probe: Probe) {
        lock(&self.notes).probes.push(probe);
    }

    pub fn book(&self, book: Arc<Book>) {
        lock(&self.notes).books.push(book);
    }

    pub fn books(&self) -> Vec<Arc<Book>> {
        lock(&self.notes).books.clone()
    }

    /// A post for a new member.
    pub fn post(&self, name: String) -> Post {
        let post = Post(Arc::new(Mutex::new("not begun")));
        lock(&self.notes).posts.push((name, post.clone()));
        post
    }

    /// The channels that were told of, as they stand.
    pub fn probes(&self) -> Vec<Probe> {
        std::mem::take(&mut lock(&self.notes).probes)
    }
}

impl fmt::Display for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let notes = lock(&self.notes);
        writeln!(f, "topology: {}", notes.topology)?;
        for (name, post) in &notes.posts {
            writeln!(f, "  {name}: {}", lock(&post.0))?;
        }
        for book in &notes.books {
            writeln!(f, "  {} values are alive", book.live())?;
        }
        let snapshots: Vec<_> = notes.probes.iter().map(Probe::snapshot).collect();
        for snapshot in &snapshots {
            writeln!(f, "  {:?}", snapshot.stats)?;
        }
        writeln!(f, "{}", Table::new(snapshots))
    }
}
