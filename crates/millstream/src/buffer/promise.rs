//! The one value of a promise channel: kept once, given to everyone.

use crate::sync::{about_to_run_user_code, Arc};

/// A value that can be given again and again. Giving it clones it, which is user code: it happens outside
/// every lock, on a shared reference.
pub(crate) trait Replay<T>: Send + Sync {
    fn replay(&self) -> T;

    /// The value itself, for whoever only looks.
    fn look(&self) -> &T;
}

/// How a promise channel shelves its first value; `None` in any other channel. A plain function, so that a
/// channel of values that cannot be cloned has nothing to do with `Clone`.
pub(crate) type Maker<T> = fn(T) -> Arc<dyn Replay<T>>;

/// The [`Maker`] of a promise.
pub(crate) fn shelve<T: Clone + Send + Sync + 'static>(value: T) -> Arc<dyn Replay<T>> {
    Arc::new(Shelf(value))
}

struct Shelf<T>(T);

impl<T: Clone + Send + Sync> Replay<T> for Shelf<T> {
    fn replay(&self) -> T {
        about_to_run_user_code();
        self.0.clone()
    }

    fn look(&self) -> &T {
        &self.0
    }
}
