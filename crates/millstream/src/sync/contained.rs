//! Running user code whose panic ends there.

use super::about_to_run_user_code;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Runs user code whose panic must not disturb what the caller is in the middle of; `None` if it panicked. The panic hook has
/// reported it by then.
#[inline]
pub(crate) fn contained<R>(user_code: impl FnOnce() -> R) -> Option<R> {
    about_to_run_user_code();
    match catch_unwind(AssertUnwindSafe(user_code)) {
        Ok(value) => Some(value),
        Err(payload) => {
            drop_payload(payload);
            None
        }
    }
}

/// Drops what a panic threw, which is a value of the user's whose destructor may panic as well. What that throws is leaked: to
/// drop it in turn could go on for ever.
#[cold]
fn drop_payload(payload: Box<dyn std::any::Any + Send>) {
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    struct PanicsAsItIsDropped;

    impl Drop for PanicsAsItIsDropped {
        fn drop(&mut self) {
            std::panic::panic_any(PanicsAsItIsDropped);
        }
    }

    #[test]
    fn a_panic_stays_inside_and_so_does_that_of_its_payload() {
        assert_eq!(contained(|| 7), Some(7));
        let thrown = contained(|| std::panic::panic_any(PanicsAsItIsDropped));
        assert_eq!(thrown, None::<()>);
    }
}
