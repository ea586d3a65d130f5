//! The accept thread over a listener that fails when it is told to, and tells when it goes.

use super::*;
use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Mutex};
use std::time::Duration;

/// Longer than any of these takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A real listener behind scripted errors.
struct Scripted {
    inner: TcpListener,
    errors: Mutex<VecDeque<io::Error>>,
    calls: Arc<AtomicUsize>,
    /// Told when the thread drops it.
    gone: mpsc::Sender<()>,
}

impl AsFd for Scripted {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl Accept for Scripted {
    type Connection = (TcpStream, net::SocketAddr);

    fn set_nonblocking(&self) -> io::Result<()> {
        Accept::set_nonblocking(&self.inner)
    }

    fn accept(&self) -> io::Result<Self::Connection> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        match self.errors.lock().unwrap().pop_front() {
            Some(error) => Err(error),
            None => Accept::accept(&self.inner),
        }
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        let _ = self.gone.send(());
    }
}

struct Scene {
    connections: Receiver<io::Result<(TcpStream, net::SocketAddr)>>,
    address: net::SocketAddr,
    calls: Arc<AtomicUsize>,
    gone: mpsc::Receiver<()>,
}

fn scene(errors: impl IntoIterator<Item = io::ErrorKind>, bound: usize) -> Scene {
    let inner = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = inner.local_addr().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let (tell, gone) = mpsc::channel();
    let listener = Scripted {
        inner,
        errors: Mutex::new(errors.into_iter().map(Into::into).collect()),
        calls: calls.clone(),
        gone: tell,
    };
    Scene {
        connections: serve(listener, bound).unwrap(),
        address,
        calls,
        gone,
    }
}

impl Scene {
    #[track_caller]
    fn next(&self) -> io::Result<(TcpStream, net::SocketAddr)> {
        self.connections.recv_timeout(PATIENCE).expect("an item")
    }

    /// The receiver goes, and the thread must.
    #[track_caller]
    fn must_end(self) {
        drop(self.connections);
        self.gone.recv_timeout(PATIENCE).expect("the thread ends");
    }
}

#[test]
fn the_thread_ends_while_it_waits_for_a_connection() {
    let scene = scene([], 4);
    // It has looked, found nothing, and waits or is about to.
    while scene.calls.load(Ordering::SeqCst) == 0 {
        thread::yield_now();
    }
    scene.must_end();
}

#[test]
fn the_thread_ends_while_it_waits_for_room() {
    let full = |scene: &Scene| {
        let client = TcpStream::connect(scene.address).unwrap();
        while scene.connections.is_empty() {
            thread::yield_now();
        }
        client
    };
    let dropped = scene([], 1);
    let client = full(&dropped);
    dropped.must_end();
    drop(client);

    // A receiver that closes and keeps what it has.
    let closed = scene([], 1);
    let client = full(&closed);
    closed.connections.close();
    closed.gone.recv_timeout(PATIENCE).expect("the thread ends");
    assert!(closed.next().is_ok(), "it was accepted before");
    assert!(closed.connections.recv_blocking().is_err());
    drop(client);
}

#[test]
fn an_error_is_told_and_the_loop_goes_on() {
    let scene = scene([io::ErrorKind::OutOfMemory; 3], 1);
    for _ in 0..3 {
        let error = scene.next().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::OutOfMemory);
    }
    let client = TcpStream::connect(scene.address).unwrap();
    let (_stream, peer) = scene.next().unwrap();
    assert_eq!(peer, client.local_addr().unwrap());
    scene.must_end();
}

#[test]
fn an_error_that_nobody_takes_is_not_repeated() {
    let scene = scene([io::ErrorKind::OutOfMemory; 1000], 2);
    while scene.connections.len() < 2 {
        thread::yield_now();
    }
    // Two items fill the channel: only a third place would have it try a third time.
    assert_eq!(scene.calls.load(Ordering::SeqCst), 2);
    scene.must_end();
}

#[test]
fn a_connection_that_was_lost_is_passed_over() {
    let scene = scene([io::ErrorKind::ConnectionAborted; 5], 1);
    let _client = TcpStream::connect(scene.address).unwrap();
    assert!(scene.next().is_ok());
    assert!(scene.calls.load(Ordering::SeqCst) >= 6);
    scene.must_end();
}

#[test]
fn the_bell_is_heard_however_often_and_whenever_it_is_rung() {
    let bell = Doorbell::new().unwrap();
    for rings in [1, 10, 100_000] {
        for _ in 0..rings {
            bell.waker().wake_by_ref();
        }
        bell.wait(None, None).unwrap();
        // Heard once: now only the deadline ends the wait.
        let deadline = Instant::now() + Duration::from_millis(2);
        bell.wait(None, Some(deadline)).unwrap();
        assert!(Instant::now() >= deadline, "after {rings} rings");
    }
    let waker = bell.waker().clone();
    let ringer = thread::spawn(move || waker.wake());
    bell.wait(None, None).unwrap();
    ringer.join().unwrap();
}
