//! Ends the process when a topology hangs, and says where it does.

use crate::board::Board;
use std::io::Write;
use std::process;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What is watched now.
#[derive(Default)]
pub struct Watchdog {
    watched: Mutex<Option<(Instant, String, Arc<Board>)>>,
}

impl Watchdog {
    /// Watches from now on, on a thread of its own, until the process ends.
    pub fn start(limit: Duration) -> Arc<Self> {
        let watchdog = Arc::new(Watchdog::default());
        let watching = watchdog.clone();
        thread::spawn(move || loop {
            // There is no event for nothing happening.
            thread::sleep(Duration::from_millis(200).min(limit));
            let watched = watching
                .watched
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some((since, what, board)) = &*watched {
                if since.elapsed() > limit {
                    let mut out = std::io::stdout();
                    let _ = writeln!(out, "HANGS for {limit:?}: {what}\n{board}");
                    let _ = out.flush();
                    process::exit(2);
                }
            }
        });
        watchdog
    }

    pub fn watch(&self, what: String, board: &Arc<Board>) {
        self.set(Some((Instant::now(), what, board.clone())));
    }

    pub fn rest(&self) {
        self.set(None);
    }

    fn set(&self, watched: Option<(Instant, String, Arc<Board>)>) {
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = watched;
    }
}
