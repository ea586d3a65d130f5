//! An echo and line server over TCP with graceful shutdown: every line comes back numbered, and after "quit" the server
//! takes no more connections but finishes those it has.
//!
//! The connections are a channel; so are the lines of all of them; and shutting down is dropping the first.

use millstream::bridge::accept;
use millstream::{bounded, select, Sender};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// Reads lines from one client, numbers them, and sends them back. "quit" asks the server to stop.
fn serve(stream: TcpStream, quit: &Sender<()>, served: &Sender<usize>) -> io::Result<()> {
    let mut to_client = stream.try_clone()?;
    let mut lines = 0;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        lines += 1;
        writeln!(to_client, "{lines}: {line}")?;
        if line == "quit" {
            // Full means that somebody else has said so already.
            let _ = quit.try_send(());
        }
    }
    // Somebody may have stopped counting.
    let _ = served.send_blocking(lines);
    Ok(())
}

/// Serves until a client says "quit", then until every client has left; returns how many lines there were.
fn run(listener: TcpListener) -> io::Result<usize> {
    let connections = accept(listener, 8)?;
    let (quit, quitting) = bounded(1);
    let (served, counts) = bounded(8);
    loop {
        select! {
            blocking;
            biased;
            _ = quitting.recv() => break,
            connection = connections.recv() => {
                let (stream, _peer) = connection.expect("it accepts until this side lets go")?;
                let (quit, served) = (quit.clone(), served.clone());
                thread::spawn(move || {
                    if let Err(error) = serve(stream, &quit, &served) {
                        // A client that goes abruptly is its own problem, not the server's.
                        eprintln!("a client is gone: {error}");
                    }
                });
            }
        }
    }
    // No more connections; those that are open go on to their end.
    drop(connections);
    drop((quit, served));
    Ok(counts.iter().sum())
}

/// A client that says its lines and returns the answers.
fn client(address: std::net::SocketAddr, lines: &[&str]) -> io::Result<Vec<String>> {
    let mut stream = TcpStream::connect(address)?;
    let answers = BufReader::new(stream.try_clone()?);
    for line in lines {
        writeln!(stream, "{line}")?;
    }
    stream.shutdown(std::net::Shutdown::Write)?;
    answers.lines().collect()
}

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || run(listener));

    let answers = client(address, &["hello", "world"])?;
    println!("{answers:?}");
    assert_eq!(answers, ["1: hello", "2: world"]);
    let answers = client(address, &["quit"])?;
    assert_eq!(answers, ["1: quit"]);

    let lines = server.join().expect("the server ends by itself")?;
    println!("the server has answered {lines} lines and is closed");
    assert_eq!(lines, 3);
    // The listener's own thread lets go of the address at once, but nobody waits for it: who comes in between is not refused,
    // but cut off.
    let late = client(address, &["anybody?"]).unwrap_or_default();
    assert!(late.is_empty(), "somebody still answers");
    Ok(())
}
