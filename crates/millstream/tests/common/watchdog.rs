//! A test that would hang fails instead.

use std::any::Any;
use std::panic::resume_unwind;
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Longer than any of these tests takes on a loaded machine. Where a test is meant to hang, because there is a bug in the
/// engine on purpose, `ci/selftest` says how long is long enough.
fn patience() -> Duration {
    let seconds = std::env::var("MILLSTREAM_PATIENCE").ok();
    Duration::from_secs(seconds.map_or(60, |seconds| seconds.parse().expect("a number of seconds")))
}

/// Runs `test` on a thread of its own and gives its result, or fails if it does not come to an end.
#[track_caller]
pub fn within<R: Send + 'static>(test: impl FnOnce() -> R + Send + 'static) -> R {
    let (tell, told) = channel();
    let thread = thread::spawn(move || {
        let result = test();
        // Nobody listens only if the test was given up.
        let _ = tell.send(());
        result
    });
    if let Err(RecvTimeoutError::Timeout) = told.recv_timeout(patience()) {
        panic!("it hangs");
    }
    thread
        .join()
        .unwrap_or_else(|payload| resume_unwind(payload))
}

/// The message of a panic that was caught.
pub fn panic_text(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast_ref::<&str>().copied().unwrap_or("").into(),
    }
}
