//! An accept loop whose clients are polite, reset their connections, or find no file descriptor left.

use crate::hand::Hand;
use crate::run::Run;
use millstream::bridge::accept;
use millstream::Receiver;
use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::time::Duration;

type Connections = Receiver<io::Result<(TcpStream, SocketAddr)>>;

pub fn run(run: &mut Run) -> Result<(), String> {
    let clients = run.dice.between(1, 12);
    let bound = run.dice.below(4);
    let is_leaving = run.dice.once_in(3);
    let runs_dry = !is_leaving && run.dice.once_in(3);
    let book = run.book(0);
    run.board.note(format_args!(
        "{clients} clients, room {bound}, leaving {is_leaving}, runs dry {runs_dry}"
    ));
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let connections: Connections = accept(listener, bound).map_err(|error| error.to_string())?;
    run.board.probe(connections.probe());
    let (served, polite) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    if runs_dry {
        return dry(run, &connections, address);
    }
    let dice = &mut run.dice;
    let manners: Vec<_> = (0..clients).map(|_| dice.below(4)).collect();
    // The polite ones are waited for, so the server knows when it is done.
    let expected = manners.iter().filter(|manner| **manner >= 2).count();
    let (done, all_done) = millstream::unbounded::<()>();
    for manner in manners {
        let (polite, done) = (polite.clone(), done.clone());
        run.start_at(
            crate::place::Place::Thread,
            "client",
            &book,
            |hand| async move {
                hand.post.says("connects");
                if let Ok(mut stream) = TcpStream::connect(address) {
                    if manner < 2 {
                        // Gone at once, with a reset.
                        let zero = Some(Duration::ZERO);
                        rustix::net::sockopt::set_socket_linger(&stream, zero)
                            .expect("a socket lingers");
                        if manner == 1 {
                            let _ = stream.write_all(b"?");
                        }
                        hand.cancelled();
                    } else {
                        hand.post.says("waits for its answer");
                        let mut answer = [0; 3];
                        let answered = stream
                            .write_all(b"?")
                            .and_then(|()| stream.read_exact(&mut answer));
                        match answered {
                            Ok(()) if &answer == b"yes" => drop(polite.fetch_add(1, SeqCst)),
                            Ok(()) => hand.book.wrong(format!("{answer:?} is no answer")),
                            Err(error) if !is_leaving => {
                                hand.book.wrong(format!("no answer: {error}"))
                            }
                            Err(_) => {}
                        }
                    }
                }
                drop(done);
            },
        );
    }
    drop(done);
    let count = served.clone();
    run.start("server", &book, |mut hand| async move {
        serve(&mut hand, connections, &all_done, is_leaving, &count).await;
    });
    run.join()?;
    if !is_leaving && polite.load(SeqCst) != expected {
        return Err(format!("{} of {expected} were served", polite.load(SeqCst)));
    }
    run.settle(&book, crate::book::Loss::None).map(drop)
}

async fn serve(
    hand: &mut Hand,
    connections: Connections,
    all_done: &Receiver<()>,
    is_leaving: bool,
    served: &AtomicUsize,
) {
    let patience = if is_leaving {
        hand.dice.below(6)
    } else {
        usize::MAX
    };
    while served.load(SeqCst) < patience {
        hand.post.says("accepts");
        let connection = millstream::select! {
            connection = connections.recv() => connection,
            _ = all_done.recv() => return,
        };
        match connection {
            Ok(Ok((mut stream, _))) => {
                hand.book.counts.received();
                served.fetch_add(1, SeqCst);
                hand.post.says("serves");
                let mut byte = [0];
                // Who has reset the connection gets no answer.
                if stream.read_exact(&mut byte).is_ok() {
                    let _ = stream.write_all(b"yes");
                }
            }
            Ok(Err(error)) => hand.book.wrong(format!("accept: {error}")),
            Err(_) => {
                return hand
                    .book
                    .wrong("an accept loop ended by itself".to_string())
            }
        }
    }
}

/// Takes all file descriptors away for a while.
fn dry(run: &mut Run, connections: &Connections, address: SocketAddr) -> Result<(), String> {
    let clients = run.dice.between(3, 8) + connections.capacity().unwrap_or_default();
    let text = |error: io::Error| error.to_string();
    let mut waiting = Vec::new();
    for _ in 0..clients {
        waiting.push(TcpStream::connect(address).map_err(text)?);
    }
    let before = getrlimit(Resource::Nofile);
    // No number is given out from the first that is free on.
    let probe = File::open("/dev/null").map_err(text)?;
    let first_free = u64::try_from(probe.as_raw_fd()).expect("a number of a file");
    drop(probe);
    let none = Rlimit {
        current: Some(first_free),
        ..before
    };
    setrlimit(Resource::Nofile, none).map_err(|error| error.to_string())?;
    // Some were accepted before; then there is an error, and nothing after it for a while.
    let (mut accepted, mut errors) = (Vec::new(), 0);
    let outcome = loop {
        match connections.recv_timeout(Duration::from_secs(10)) {
            Ok(Ok(connection)) => {
                run.counts.received();
                accepted.push(connection);
            }
            Ok(Err(error))
                if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) =>
            {
                errors += 1;
                run.counts.cancelled();
                if errors == 2 {
                    break Ok(());
                }
            }
            Ok(Err(error)) => break Err(format!("accept: {error}")),
            Err(error) => {
                break Err(format!(
                    "no error although there is no file descriptor: {error}"
                ))
            }
        }
    };
    setrlimit(Resource::Nofile, before).map_err(|error| error.to_string())?;
    outcome?;
    while accepted.len() < clients {
        match connections.recv_timeout(Duration::from_secs(10)) {
            Ok(Ok(connection)) => {
                run.counts.received();
                accepted.push(connection);
            }
            Ok(Err(_)) => run.counts.cancelled(),
            Err(error) => return Err(format!("{} of {clients} accepted: {error}", accepted.len())),
        }
    }
    Ok(())
}
