//! The values that are sent: each is entered in a book, and some are hostile.

use crate::book::Book;
use crate::panics::deliberately;
use std::sync::Arc;
use std::thread;

/// A value with an identity, whose life is kept in a [`Book`].
#[derive(Debug)]
pub struct Message {
    pub id: u32,
    /// Who sent it.
    pub producer: u32,
    /// The how many-th of its producer it is.
    pub number: u32,
    pub book: Arc<Book>,
    /// How it was sent.
    pub how: &'static str,
    /// Panics when it is dropped by anybody but us.
    pub is_hostile: bool,
    /// Panics when it is cloned.
    pub is_unique: bool,
    /// Makes a value that is lost weigh something.
    _ballast: Option<Box<[u8; 256]>>,
}

impl Message {
    pub fn new(book: Arc<Book>, producer: u32, number: u32) -> Self {
        let id = book.enter();
        Message {
            id,
            producer,
            number,
            book,
            how: "",
            is_hostile: false,
            is_unique: false,
            _ballast: (id % 4 == 0).then(|| Box::new([0; 256])),
        }
    }

    /// From here on it is dropped by us, and in peace.
    pub fn disarm(&mut self) {
        self.is_hostile = false;
    }
}

impl Clone for Message {
    fn clone(&self) -> Self {
        if self.is_unique {
            deliberately();
        }
        self.book.copied(self.id);
        Message {
            book: self.book.clone(),
            _ballast: self._ballast.clone(),
            ..*self
        }
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        self.book.dropped(self.id);
        // A panic while another unwinds would end the process, by the rules of the language.
        if self.is_hostile && !thread::panicking() {
            self.book.counts.panicked();
            deliberately();
        }
    }
}
