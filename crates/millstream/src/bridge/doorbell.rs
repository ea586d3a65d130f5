//! A waker that ends a wait for a file descriptor: a thread in `poll(2)` that tasks and channels can wake.

use crate::sync::Arc;
use rustix::event::{poll, PollFd, PollFlags, Timespec};
use std::io::{self, Read, Write};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

/// The end that is rung.
struct Button(UnixStream);

/// The end that is heard, on the thread that waits.
pub(super) struct Doorbell {
    heard: UnixStream,
    waker: Waker,
}

impl Doorbell {
    pub(super) fn new() -> io::Result<Self> {
        let (heard, rung) = UnixStream::pair()?;
        heard.set_nonblocking(true)?;
        rung.set_nonblocking(true)?;
        Ok(Doorbell {
            heard,
            waker: Waker::from(Arc::new(Button(rung))),
        })
    }

    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Waits until the bell is rung, or one of the rest: `fd` can be read, `deadline` has passed. May return early.
    pub(super) fn wait(
        &self,
        fd: Option<BorrowedFd<'_>>,
        deadline: Option<Instant>,
    ) -> io::Result<()> {
        let timeout = match deadline {
            None => None,
            Some(deadline) => match deadline.checked_duration_since(Instant::now()) {
                None | Some(Duration::ZERO) => return Ok(()),
                Some(left) => Timespec::try_from(left).ok(),
            },
        };
        let mut fds = vec![PollFd::new(&self.heard, PollFlags::IN)];
        fds.extend(fd.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        // However often it was rung meanwhile, it is heard once.
        let mut rings = [0; 64];
        while (&self.heard).read(&mut rings).is_ok_and(|read| read > 0) {}
        Ok(())
    }
}

impl Wake for Button {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // It fails when it is full, and then it has been rung; or when nobody is there to hear it any more.
        let _ = (&self.0).write(&[1]);
    }
}
