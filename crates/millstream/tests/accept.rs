//! Accept loops: over real sockets on the loopback interface, and over functions that fail when they are told to.

mod common;

use common::{panic_text, within, Ledger};
use millstream::bridge::accept_with;
use millstream::runtime::Manual;
use millstream::{rendezvous, unbounded, Receiver, Sender, TryRecvError};
use std::future::{pending, Future};
use std::io::{self, ErrorKind};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

#[cfg(unix)]
mod sockets {
    use super::*;
    use millstream::bridge::accept;
    use millstream::scope::scope;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::PathBuf;

    fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    /// Waits until the listening socket is closed: then the thread that had it has let go of it.
    fn until_refused(address: SocketAddr) {
        while TcpStream::connect(address).is_ok() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn threads_and_tasks_take_connections_from_the_same_receiver() {
        within(|| {
            let (listener, address) = listener();
            let connections = accept(listener, 4).unwrap();
            let clients: Vec<_> = (0..50)
                .map(|n| {
                    std::thread::spawn(move || {
                        let mut stream = TcpStream::connect(address).unwrap();
                        writeln!(stream, "{n}").unwrap();
                        let mut answer = String::new();
                        stream.read_to_string(&mut answer).unwrap();
                        assert_eq!(answer, format!("{n} heard"));
                    })
                })
                .collect();
            let answer = |(stream, peer): (TcpStream, SocketAddr)| {
                assert_eq!(stream.peer_addr().unwrap(), peer);
                let mut line = String::new();
                BufReader::new(&stream).read_line(&mut line).unwrap();
                write!(&stream, "{} heard", line.trim()).unwrap();
            };
            // The first half by a plain thread, the other by a task.
            for connection in connections.iter().take(25) {
                answer(connection.unwrap());
            }
            let served = millstream::block_on(scope(|s| {
                s.attach(async move {
                    for _ in 0..25 {
                        answer(connections.recv().await.unwrap()?);
                    }
                    Ok(())
                });
                async { Ok::<_, io::Error>(()) }
            }));
            served.unwrap();
            for client in clients {
                client.join().unwrap();
            }
            until_refused(address);
        });
    }

    #[test]
    fn dropping_the_receiver_closes_the_listening_socket() {
        within(|| {
            let (listener, address) = listener();
            drop(accept(listener, 4).unwrap());
            until_refused(address);
        });
    }

    #[test]
    fn closing_keeps_what_was_accepted() {
        within(|| {
            let (listener, address) = listener();
            let connections = accept(listener, 4).unwrap();
            let mut clients = Vec::new();
            for n in 1..=2 {
                clients.push(TcpStream::connect(address).unwrap());
                while connections.len() < n {
                    std::thread::yield_now();
                }
            }
            connections.close();
            until_refused(address);
            for connection in connections.iter().take(2) {
                connection.unwrap().0.write_all(b"!").unwrap();
            }
            for mut client in clients {
                let mut answer = String::new();
                client.read_to_string(&mut answer).unwrap();
                assert_eq!(answer, "!");
            }
        });
    }

    #[test]
    fn what_was_accepted_is_closed_when_nobody_wants_it() {
        within(|| {
            let (listener, address) = listener();
            let connections = accept(listener, 4).unwrap();
            let mut client = TcpStream::connect(address).unwrap();
            while connections.is_empty() {
                std::thread::yield_now();
            }
            drop(connections);
            assert_eq!(client.read(&mut [0]).unwrap(), 0);
        });
    }

    /// A path that is removed again.
    struct Path(PathBuf);

    impl Drop for Path {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    #[test]
    fn a_unix_listener_is_served_and_stops_though_its_path_is_gone() {
        within(|| {
            let name = format!("millstream-accept-{}", std::process::id());
            let path = Path(std::env::temp_dir().join(name));
            let listener = UnixListener::bind(&path.0).unwrap();
            let connections = accept(listener, 1).unwrap();
            let mut client = UnixStream::connect(&path.0).unwrap();
            client.write_all(b"hello").unwrap();
            client.shutdown(std::net::Shutdown::Write).unwrap();
            let (mut stream, _) = connections.recv_blocking().unwrap().unwrap();
            let mut heard = String::new();
            stream.read_to_string(&mut heard).unwrap();
            assert_eq!(heard, "hello");
            // Connecting can no longer wake the thread: what waits in the backlog is let go of when it ends.
            let mut late = UnixStream::connect(&path.0).unwrap();
            drop(path);
            drop(connections);
            let mut nothing = [0];
            let read = late.read(&mut nothing);
            assert!(
                matches!(read, Ok(0))
                    || read.is_err_and(|e| e.kind() == ErrorKind::ConnectionReset)
            );
        });
    }

    #[test]
    fn shared_with_somebody_who_takes_the_connections_it_stops_no_less() {
        within(|| {
            let (listener, address) = listener();
            let shared = listener.try_clone().unwrap();
            let connections = accept(listener, 1).unwrap();
            for _ in 0..20 {
                let _client = TcpStream::connect(address).unwrap();
                // Either of the two gets it.
                loop {
                    if shared.accept().is_ok() || connections.try_recv().is_ok() {
                        break;
                    }
                    std::thread::yield_now();
                }
            }
            drop(connections);
            drop(shared);
            until_refused(address);
        });
    }

    /// Said to the child process that runs out of file descriptors.
    const CHILD: &str = "MILLSTREAM_TEST_FEW_DESCRIPTORS";

    #[test]
    fn without_file_descriptors_it_tells_and_goes_on() {
        if std::env::var_os(CHILD).is_none() {
            let this = std::env::current_exe().unwrap();
            let child = std::process::Command::new("sh")
                .args(["-c", r#"ulimit -n 64 && exec "$0" "$@""#])
                .arg(this)
                .args(["--exact", "--test-threads=1", "--nocapture"])
                .arg("sockets::without_file_descriptors_it_tells_and_goes_on")
                .env(CHILD, "yes")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&child.stdout);
            assert!(
                child.status.success() && said.contains("1 passed"),
                "{said}{}",
                String::from_utf8_lossy(&child.stderr)
            );
            return;
        }
        within(|| {
            let (listener, address) = listener();
            let connections = accept(listener, 1).unwrap();
            let mut hoard = Vec::new();
            while let Ok(file) = std::fs::File::open("/dev/null") {
                hoard.push(file);
            }
            // One descriptor for the client, none for the server.
            hoard.pop();
            let mut client = TcpStream::connect(address).unwrap();
            for _ in 0..3 {
                let error = connections.recv_blocking().unwrap().unwrap_err();
                assert_eq!(error.raw_os_error(), Some(24), "EMFILE");
            }
            hoard.clear();
            // What it told meanwhile comes first.
            let (mut stream, _) = connections
                .iter()
                .find_map(Result::ok)
                .expect("the connection that waited");
            stream.write_all(b"!").unwrap();
            client.read_exact(&mut [0]).unwrap();
        });
    }
}

/// What an accept function returns here.
type Accepting = Pin<Box<dyn Future<Output = io::Result<u32>> + Send>>;

/// What tells an accept function what to do, how often that was called, and the function.
fn scripted() -> (
    Sender<io::Result<u32>>,
    Arc<AtomicUsize>,
    impl FnMut() -> Accepting,
) {
    let (tell, told) = unbounded::<io::Result<u32>>();
    let calls = Arc::new(AtomicUsize::new(0));
    let count = calls.clone();
    let accept = move || {
        count.fetch_add(1, Ordering::SeqCst);
        let told = told.clone();
        Box::pin(async move { told.recv().await.map_err(io::Error::other)? }) as Accepting
    };
    (tell, calls, accept)
}

fn taken(connections: &Receiver<io::Result<u32>>) -> Vec<Result<u32, ErrorKind>> {
    connections
        .try_iter()
        .map(|item| item.map_err(|error| error.kind()))
        .collect()
}

#[test]
fn connections_are_accepted_as_there_is_room_for_them() {
    let mut manual = Manual::new();
    let (tell, calls, accept) = scripted();
    let connections = {
        let _entered = manual.enter();
        accept_with(accept, 2)
    };
    for n in 0..5 {
        tell.try_send(Ok(n)).unwrap();
    }
    manual.run_until_stalled();
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    assert_eq!(taken(&connections), [Ok(0), Ok(1)]);
    manual.run_until_stalled();
    assert_eq!(taken(&connections), [Ok(2), Ok(3)]);
    manual.run_until_stalled();
    assert_eq!(taken(&connections), [Ok(4)]);
    assert_eq!(calls.load(Ordering::SeqCst), 6, "the sixth waits");
}

#[test]
fn errors_are_told_with_growing_pauses_that_a_success_ends() {
    let mut manual = Manual::new();
    let (tell, calls, accept) = scripted();
    let connections = {
        let _entered = manual.enter();
        accept_with(accept, 16)
    };
    let full = || Err(ErrorKind::OutOfMemory.into());
    for _ in 0..3 {
        tell.try_send(full()).unwrap();
    }
    tell.try_send(Ok(1)).unwrap();
    tell.try_send(full()).unwrap();
    let error = Err(ErrorKind::OutOfMemory);
    manual.run_until_stalled();
    assert_eq!(taken(&connections), [error]);
    for pause in [5, 10] {
        manual.advance(Duration::from_millis(pause) - Duration::from_nanos(1));
        assert_eq!(taken(&connections), []);
        manual.advance(Duration::from_nanos(1));
        assert_eq!(taken(&connections), [error]);
    }
    manual.advance(Duration::from_millis(20));
    assert_eq!(taken(&connections), [Ok(1), error]);
    assert_eq!(
        manual.next_deadline(),
        Some(manual.now() + Duration::from_millis(5))
    );
    assert_eq!(calls.load(Ordering::SeqCst), 5);
    // Dropped in the pause.
    drop(connections);
    manual.run_until_stalled();
    assert_eq!((manual.tasks(), manual.sleepers()), (0, 0));
    assert!(tell.is_closed(), "the listener is gone");
}

#[test]
fn lost_connections_are_passed_over_without_a_pause() {
    let mut manual = Manual::new();
    let (tell, _, accept) = scripted();
    let connections = {
        let _entered = manual.enter();
        accept_with(accept, 16)
    };
    for _ in 0..10 {
        tell.try_send(Err(ErrorKind::ConnectionAborted.into()))
            .unwrap();
    }
    tell.try_send(Ok(1)).unwrap();
    manual.run_until_stalled();
    assert_eq!(taken(&connections), [Ok(1)]);
}

#[test]
fn an_endless_row_of_lost_connections_neither_spins_nor_stays_silent() {
    let mut manual = Manual::new();
    let connections = {
        let _entered = manual.enter();
        accept_with(
            || async { Err::<u32, _>(ErrorKind::ConnectionAborted.into()) },
            16,
        )
    };
    // It comes back.
    manual.run_until_stalled();
    assert_eq!(taken(&connections), [Err(ErrorKind::ConnectionAborted)]);
    assert_eq!(manual.sleepers(), 1);
}

#[test]
fn it_ends_with_its_receiver_wherever_it_is() {
    for close in [false, true] {
        for sent in 0..4 {
            let mut manual = Manual::new();
            let (tell, _, accept) = scripted();
            let ledger = Ledger::new();
            let held = ledger.make(0);
            let mut accept = accept;
            let connections = {
                let _entered = manual.enter();
                accept_with(
                    move || {
                        let _ = &held;
                        accept()
                    },
                    2,
                )
            };
            for n in 0..sent {
                tell.try_send(Ok(n)).unwrap();
            }
            if sent != 1 {
                manual.run_until_stalled();
            }
            let kept = if close {
                connections.close();
                Some(connections)
            } else {
                drop(connections);
                None
            };
            manual.run_until_stalled();
            assert_eq!((manual.tasks(), ledger.dropped().len()), (0, 1));
            assert!(tell.is_closed());
            if let (Some(kept), true) = (kept, sent != 1) {
                assert_eq!(taken(&kept).len() as u32, sent.min(2));
                assert!(matches!(kept.try_recv(), Err(TryRecvError::Closed)));
            }
        }
    }
}

#[test]
fn a_panic_or_a_shutdown_is_not_taken_for_the_end() {
    let mut manual = Manual::new();
    let panics = {
        let _entered = manual.enter();
        accept_with(|| async { panic!("on purpose") as io::Result<u32> }, 1)
    };
    manual.run_until_stalled();
    let ended = catch_unwind(AssertUnwindSafe(|| panics.try_recv()));
    assert_eq!(panic_text(ended.unwrap_err()), "on purpose");

    let stopped = {
        let _entered = manual.enter();
        accept_with(pending::<io::Result<u32>>, 1)
    };
    manual.run_until_stalled();
    drop(manual);
    let ended = catch_unwind(AssertUnwindSafe(|| stopped.try_recv()));
    assert!(panic_text(ended.unwrap_err()).contains("dropped by its runtime"));
}

#[test]
fn with_a_bound_of_zero_nothing_is_accepted_that_nobody_waits_for() {
    let mut manual = Manual::new();
    let (tell, calls, accept) = scripted();
    let connections = {
        let _entered = manual.enter();
        accept_with(accept, 0)
    };
    tell.try_send(Ok(1)).unwrap();
    manual.run_until_stalled();
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    let (done, is_done) = rendezvous();
    manual.spawn(async move {
        let connection = connections.recv().await.unwrap().unwrap();
        done.send(connection).await.unwrap();
    });
    manual.run_until_stalled();
    assert_eq!(is_done.try_recv(), Ok(1));
}
