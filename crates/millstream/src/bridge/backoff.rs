//! What an accept loop does after an error: tell, and wait before it tries again.

use std::io::{Error, ErrorKind};
use std::time::Duration;

/// The pause after the first error.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How many connections in a row may have been lost before their accept, before that is told too.
const QUIET_LOSSES: u32 = 64;

/// Counts errors in a row.
#[derive(Default)]
pub(super) struct Backoff {
    /// The last pause; zero after a success.
    pause: Duration,
    losses: u32,
}

/// What to do about an error.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It concerned one connection, which is gone: the next one may be good.
    TryAgain,
    /// It is for the user to know, and will not pass by itself at once.
    TellAndPause(Duration),
}

impl Backoff {
    pub(super) fn succeeded(&mut self) {
        *self = Backoff::default();
    }

    pub(super) fn failed(&mut self, error: &Error) -> Verdict {
        if concerns_one_connection(error.kind()) && self.losses < QUIET_LOSSES {
            self.losses += 1;
            return Verdict::TryAgain;
        }
        self.pause = (self.pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        Verdict::TellAndPause(self.pause)
    }
}

/// Whether accept fails so because of the connection at the head of the queue, which it has taken off with that. Linux
/// reports network errors of a connection that way.
fn concerns_one_connection(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Interrupted
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::NetworkUnreachable
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(backoff: &mut Backoff, kind: ErrorKind) -> Duration {
        match backoff.failed(&kind.into()) {
            Verdict::TellAndPause(pause) => pause,
            Verdict::TryAgain => panic!("it would try again at once"),
        }
    }

    #[test]
    fn pauses_grow_to_a_limit_and_start_anew_after_a_success() {
        let mut backoff = Backoff::default();
        let pauses: Vec<u64> = (0..10)
            .map(|_| pause(&mut backoff, ErrorKind::OutOfMemory).as_millis() as u64)
            .collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
        backoff.succeeded();
        assert_eq!(pause(&mut backoff, ErrorKind::OutOfMemory), FIRST_PAUSE);
    }

    #[test]
    fn a_lost_connection_is_no_reason_to_wait_but_an_endless_row_is() {
        let mut backoff = Backoff::default();
        let lost = ErrorKind::ConnectionAborted;
        for _ in 0..QUIET_LOSSES {
            assert_eq!(backoff.failed(&lost.into()), Verdict::TryAgain);
        }
        assert_eq!(pause(&mut backoff, lost), FIRST_PAUSE);
        assert_eq!(pause(&mut backoff, lost), FIRST_PAUSE * 2);
        backoff.succeeded();
        assert_eq!(backoff.failed(&lost.into()), Verdict::TryAgain);
    }
}
