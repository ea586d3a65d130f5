//! A watch on each run, so that a lost wake-up ends the program with a name instead of hanging it.

use std::sync::mpsc::{channel, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

enum Event {
    Started(String),
    Ended,
}

/// A thread that is told when a run starts and ends.
pub struct Watchdog {
    events: Sender<Event>,
}

/// Says that the run has ended when it is dropped.
pub struct Watched<'a> {
    watchdog: &'a Watchdog,
}

impl Watchdog {
    /// Starts the thread, which calls `overdue` with the name of a run that has not ended within `limit`.
    pub fn start(limit: Duration, overdue: impl Fn(&str) + Send + 'static) -> Self {
        let (events, told) = channel();
        thread::spawn(move || watch(&told, limit, overdue));
        Watchdog { events }
    }

    pub fn watch(&self, name: String) -> Watched<'_> {
        self.tell(Event::Started(name));
        Watched { watchdog: self }
    }

    fn tell(&self, event: Event) {
        // The thread ends before its sender only when `overdue` panicked; measuring can go on without it.
        let _ = self.events.send(event);
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.watchdog.tell(Event::Ended);
    }
}

fn watch(told: &Receiver<Event>, limit: Duration, overdue: impl Fn(&str)) {
    while let Ok(event) = told.recv() {
        let Event::Started(name) = event else {
            continue;
        };
        match told.recv_timeout(limit) {
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => overdue(&name),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_hangs_is_named() {
        let (report, reported) = channel();
        let watchdog = Watchdog::start(Duration::from_millis(20), move |name| {
            report.send(name.to_owned()).expect("the test listens");
        });
        let watched = watchdog.watch("stuck".to_owned());
        assert_eq!(reported.recv().as_deref(), Ok("stuck"));
        drop(watched);
    }

    #[test]
    fn a_run_that_ends_is_not_named() {
        let (report, reported) = channel();
        let watchdog = Watchdog::start(Duration::from_secs(60), move |name| {
            report.send(name.to_owned()).expect("the test listens");
        });
        drop(watchdog.watch("quick".to_owned()));
        drop(watchdog);
        // The thread has ended and taken its end of the channel along, without having said anything.
        assert!(reported.recv().is_err());
    }
}
