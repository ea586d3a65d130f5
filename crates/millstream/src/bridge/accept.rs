//! Connections of a listening socket of the standard library.

use super::backoff::{Backoff, Verdict};
use super::doorbell::Doorbell;
use super::place::place;
use crate::block_on;
use crate::channel::{bounded, Receiver, Sender};
use crate::sync::{nap, thread};
use std::future::Future;
use std::io;
use std::net::{self, TcpListener, TcpStream};
use std::os::unix::net::{self as unix, UnixListener, UnixStream};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::pin;
use std::task::Context;
use std::time::Instant;

mod sealed {
    use std::io;
    use std::os::fd::AsFd;

    /// What the accept loop does with a listener.
    pub trait Accept: AsFd + Send + 'static {
        type Connection: Send + 'static;

        /// Makes `accept` return at once.
        fn set_nonblocking(&self) -> io::Result<()>;

        /// The next connection, as it came from the operating system but for this: reading and writing block.
        fn accept(&self) -> io::Result<Self::Connection>;
    }
}

pub(super) use sealed::Accept;

/// A listening socket that [`accept`] can serve: a [`TcpListener`] or a [`UnixListener`].
pub trait Listener: sealed::Accept {}

impl Accept for TcpListener {
    type Connection = (TcpStream, net::SocketAddr);

    fn set_nonblocking(&self) -> io::Result<()> {
        TcpListener::set_nonblocking(self, true)
    }

    fn accept(&self) -> io::Result<Self::Connection> {
        let (stream, peer) = TcpListener::accept(self)?;
        // Some systems hand the listener's mode on to its connections.
        stream.set_nonblocking(false)?;
        Ok((stream, peer))
    }
}

impl Accept for UnixListener {
    type Connection = (UnixStream, unix::SocketAddr);

    fn set_nonblocking(&self) -> io::Result<()> {
        UnixListener::set_nonblocking(self, true)
    }

    fn accept(&self) -> io::Result<Self::Connection> {
        let (stream, peer) = UnixListener::accept(self)?;
        stream.set_nonblocking(false)?;
        Ok((stream, peer))
    }
}

impl Listener for TcpListener {}
impl Listener for UnixListener {}

/// Accepts connections on a thread of its own, and gives them: a server's accept loop, for tasks and threads alike
/// (aiter's `start_server_aiter` and `start_unix_server_aiter`).
///
/// A connection comes with the address of its peer, as from the listener's own `accept`, and blocks when it is read or
/// written; for an asynchronous one, set it to non-blocking and give it to your runtime. A connection is accepted only when
/// there is a place among the `bound` that are kept for the receiver; beyond that it waits in the listener's backlog.
///
/// # Shutting down
///
/// Close or drop the receiver (all clones of it). The thread then ends at once, also while it waits for a connection, and
/// the listening socket is closed with it. After a close, connections that were accepted before it can still be received.
///
/// The thread is woken by a byte in a socket pair that it waits for together with the listener, in one `poll(2)`, through
/// the crate rustix: the standard library has no such call. Connecting to the listener to wake it, the usual way without,
/// fails if its address cannot be reached from here, and wakes somebody else if the socket is shared with another process
/// or its path has a new owner. For `poll` to suffice the listener is made non-blocking, which is so for its clones too.
/// All this is for Unix; on other systems give the listener to an asynchronous runtime, and that to
/// [`accept_with`](super::accept_with).
///
/// # Errors
///
/// If the listener cannot be made non-blocking, or the socket pair or the thread cannot be made.
///
/// An error while accepting is an item, and after it there is a pause, from 5 ms for the first in a row up to a second,
/// before the next try: a process that is out of file descriptors (`EMFILE`) neither spins nor ends. Errors of one
/// connection that has gone before it was accepted are passed over.
///
/// # Examples
///
/// ```
/// use millstream::bridge::accept;
/// use std::io::{Read, Write};
/// use std::net::{TcpListener, TcpStream};
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let address = listener.local_addr()?;
/// let connections = accept(listener, 16)?;
///
/// let server = std::thread::spawn(move || {
///     for connection in connections.iter().take(1) {
///         let (mut stream, _peer) = connection.unwrap();
///         stream.write_all(b"hello").unwrap();
///     }
///     // The receiver goes here, and the listening socket with it.
/// });
///
/// let mut greeting = String::new();
/// TcpStream::connect(address)?.read_to_string(&mut greeting)?;
/// assert_eq!(greeting, "hello");
/// server.join().unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn accept<L: Listener>(
    listener: L,
    bound: usize,
) -> io::Result<Receiver<io::Result<L::Connection>>> {
    serve(listener, bound)
}

/// [`accept`], for tests of a listener that is none.
pub(super) fn serve<L: Accept>(
    listener: L,
    bound: usize,
) -> io::Result<Receiver<io::Result<L::Connection>>> {
    listener.set_nonblocking()?;
    let bell = Doorbell::new()?;
    let (tx, rx) = bounded(bound);
    thread::Builder::new()
        .name("millstream-accept".into())
        .spawn(move || {
            // What can panic is a waker of the user's, when it is told of a connection.
            let ran = catch_unwind(AssertUnwindSafe(|| run(&listener, &bell, &tx)));
            if let Err(panic) = ran {
                tx.fail(panic);
            }
        })?;
    Ok(rx)
}

/// Accepts until nobody wants connections any more.
fn run<L: Accept>(listener: &L, bell: &Doorbell, tx: &Sender<io::Result<L::Connection>>) {
    let mut backoff = Backoff::default();
    let mut closed = pin!(tx.closed());
    let mut is_closed = || {
        let mut context = Context::from_waker(bell.waker());
        closed.as_mut().poll(&mut context).is_ready()
    };
    while let Some(place) = block_on(place(tx)) {
        let (item, pause) = loop {
            if is_closed() {
                return;
            }
            let accepted = match listener.accept() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match bell.wait(Some(listener.as_fd()), None) {
                        Ok(()) => continue,
                        Err(error) => Err(error),
                    }
                }
                accepted => accepted,
            };
            match accepted {
                Ok(connection) => {
                    backoff.succeeded();
                    break (Ok(connection), None);
                }
                Err(error) => match backoff.failed(&error) {
                    Verdict::TryAgain => {}
                    Verdict::TellAndPause(pause) => break (Err(error), Some(pause)),
                },
            }
        };
        if place.send(item).is_err() {
            return;
        }
        let Some(pause) = pause else { continue };
        let end = Instant::now() + pause;
        while Instant::now() < end {
            if is_closed() {
                return;
            }
            if bell.wait(None, Some(end)).is_err() {
                // Without `poll` there is still the clock.
                nap(end.saturating_duration_since(Instant::now()));
            }
        }
    }
}

#[cfg(test)]
mod tests;
