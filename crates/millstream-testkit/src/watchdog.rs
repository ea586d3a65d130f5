//! Runs a case on a thread of its own and does not wait for it for ever.

use std::any::Any;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::verdict::{Outcome, Verdict};
use crate::waker::Deliberate;

/// Runs `case` on a new thread called `name`. A panic is a failure, and so is not being done within `limit`.
///
/// A thread that hangs is left behind: there is no way to end it but to end the process.
pub fn guarded(
    name: &str,
    limit: Duration,
    case: impl FnOnce() -> Outcome + Send + 'static,
) -> Verdict {
    let (done, wait) = mpsc::channel();
    let runner = thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let outcome = case();
            // Nobody listens any more when the limit has passed.
            let _ = done.send(outcome);
        })
        .expect("the system has room for one more thread");
    match wait.recv_timeout(limit) {
        Ok(outcome) => outcome.into(),
        Err(mpsc::RecvTimeoutError::Timeout) => Verdict::Failed(hung(limit)),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            let panic = runner
                .join()
                .expect_err("a case that did not answer has panicked");
            Verdict::Failed(format!("panicked: {}", panic_text(&*panic)))
        }
    }
}

/// The words for a case that did not end.
pub fn hung(limit: Duration) -> String {
    format!("hung: still not done after {} s", limit.as_secs_f32())
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text
    } else if panic.is::<Deliberate>() {
        "the panic of a hostile waker or payload came out where it was not expected"
    } else {
        "with a payload of unknown type"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_hangs_or_panics_fails() {
        let limit = Duration::from_secs(60);
        assert_eq!(guarded("fine", limit, || Ok(())), Verdict::Passed);
        let panicked = guarded("panics", limit, || {
            std::panic::resume_unwind(Box::new("ouch"))
        });
        assert_eq!(panicked, Verdict::Failed("panicked: ouch".to_owned()));
        let hung = guarded("hangs", Duration::from_millis(1), || loop {
            thread::park();
        });
        assert!(matches!(hung, Verdict::Failed(text) if text.starts_with("hung")));
    }
}
