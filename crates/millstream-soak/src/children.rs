//! What can only be asked of another process: the disk under its output is full, or it runs out of memory or threads.
//!
//! An allocation that fails ends a Rust program: the standard library calls `handle_alloc_error`, which aborts, and on
//! stable Rust nobody can have it unwind instead. So what can be asked is that this end is clean: the process dies by
//! `SIGABRT`, with the message, whichever allocation it was, and never hangs on a lock that the failing one held. Threads
//! that the system refuses are an error or a panic with a message, and those are asked for in full.

use crate::book::{Book, Loss};
use crate::dice::Dice;
use crate::memory;
use crate::message::Message;
use crate::report::Report;
use millstream::pipe;
use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
use std::fs::File;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long a child may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many allocations the first child that starves gets, and how many each further one gets more.
const STARVED: usize = 24;
const SIGABRT: i32 = 6;

/// Asks all children; `seed` says which allocations fail.
pub fn run_all(seed: u64, treestat: Option<&Path>, report: &mut Report) -> Result<(), String> {
    let mut dice = Dice::new(seed);
    for _ in 0..STARVED {
        starve(dice.below(2500))?;
    }
    report.note(format!(
        "out of memory: {STARVED} processes, all ended by the abort of the allocation that failed"
    ));
    threadless()?;
    report.note("out of threads: the stage panicked where it was made, and everything sent came back or was dropped".to_string());
    match treestat {
        Some(treestat) => {
            full_disk(treestat)?;
            report.note("full disk: treestat said so, and ended with 1".to_string());
        }
        None => report.note("full disk: not asked, since there is no --treestat".to_string()),
    }
    Ok(())
}

/// What a child does; `number` is the allocation that fails.
pub fn be(child: &str, number: u64) -> ExitCode {
    match child {
        "starved" => {
            pass_values(usize::try_from(number).unwrap_or(usize::MAX));
            ExitCode::SUCCESS
        }
        "threadless" => stage_without_threads(),
        _ => ExitCode::from(2),
    }
}

/// Passes values through channels, stages and selects, until an allocation fails.
fn pass_values(allocations: usize) {
    memory::starve_after(allocations);
    loop {
        let (tx, rx) = millstream::bounded(4);
        let sender = thread::spawn(move || {
            for number in 0..50u64 {
                tx.send_blocking(vec![number]).expect("the stage receives");
            }
        });
        let doubled = pipe::threads(2).ordered().map(rx, |mut number: Vec<u64>| {
            number.push(number[0]);
            number
        });
        let mut set = millstream::SelectSet::new();
        set.recv(&doubled, |number| number.map_or(0, |number| number.len()));
        while set.wait().is_some() {}
        sender.join().expect("the sender does not panic");
    }
}

fn starve(allocations: usize) -> Result<(), String> {
    let (status, text) = child("starved", allocations)?;
    match status.signal() {
        Some(SIGABRT) if text.contains("memory allocation of") => Ok(()),
        _ => Err(format!(
            "a process whose allocation {allocations} failed ended with {status}\n{text}"
        )),
    }
}

/// Makes a stage of more threads than the system has.
fn stage_without_threads() -> ExitCode {
    let before = getrlimit(Resource::As);
    // Room for a few stacks.
    let in_use = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = in_use.and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    let room = pages.unwrap_or_default() * rustix::param::page_size() as u64 + (24 << 20);
    let limit = Rlimit {
        current: Some(room),
        ..before
    };
    setrlimit(Resource::As, limit).expect("a limit may be lowered");
    let book = Book::new(100, false, Arc::default());
    let (tx, rx) = millstream::bounded(100);
    for number in 0..50 {
        let message = Message::new(book.clone(), 0, number);
        let id = message.id;
        tx.try_send(message).expect("there is room");
        book.sent(id);
    }
    let made = catch_unwind(AssertUnwindSafe(|| {
        pipe::threads(10_000).map(rx, |message| message)
    }));
    setrlimit(Resource::As, before).expect("the limit may be raised again");
    if made.is_ok() {
        eprintln!("ten thousand threads were to be had");
        return ExitCode::FAILURE;
    }
    // The threads that there were end by themselves, and then nothing is left.
    let end = Instant::now() + PATIENCE;
    while book.live() > 0 || !tx.is_closed() {
        if Instant::now() > end {
            eprintln!("{} values are left, closed {}", book.live(), tx.is_closed());
            return ExitCode::FAILURE;
        }
        thread::yield_now();
    }
    match book.settle(Loss::Left) {
        Ok(_) => ExitCode::SUCCESS,
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::FAILURE
        }
    }
}

fn threadless() -> Result<(), String> {
    let (status, text) = child("threadless", 0)?;
    match status.success() && text.contains("a thread for a stage") {
        true => Ok(()),
        false => Err(format!(
            "a process without threads ended with {status}\n{text}"
        )),
    }
}

fn child(name: &str, number: usize) -> Result<(ExitStatus, String), String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(this);
    command.args(["--child", name, "--seed", &number.to_string()]);
    ended(command.stdout(Stdio::null()))
}

/// Writes pictures and reports to where there is no room.
fn full_disk(treestat: &Path) -> Result<(), String> {
    let full = || {
        File::options()
            .write(true)
            .open("/dev/full")
            .map_err(|error| error.to_string())
    };
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    // A picture needs a name that ends in its format, so it is a link to the full device.
    let picture = std::env::temp_dir().join(format!("millstream-soak-{}.svg", std::process::id()));
    std::os::unix::fs::symlink("/dev/full", &picture).map_err(|error| error.to_string())?;
    let outcome = (|| {
        let mut printing = Command::new(treestat);
        printing.arg(&here).stdout(full()?);
        let mut drawing = Command::new(treestat);
        drawing
            .arg("--graph")
            .arg(&picture)
            .arg(&here)
            .stdout(Stdio::null());
        for command in [&mut printing, &mut drawing] {
            let (status, text) = ended(command)?;
            let says_so = text.contains("No space left on device");
            if status.code() != Some(1) || !says_so || text.contains("panicked") {
                return Err(format!(
                    "treestat on a full disk ended with {status}\n{text}"
                ));
            }
        }
        Ok(())
    })();
    // Removed also when it went wrong, and that it could not be is no news then.
    let removed = std::fs::remove_file(&picture).map_err(|error| error.to_string());
    outcome.and(removed)
}

/// Waits for a child, but not for ever; its end, and what it said.
fn ended(command: &mut Command) -> Result<(ExitStatus, String), String> {
    let text = |error: std::io::Error| error.to_string();
    let spawned = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child: Child = spawned.map_err(text)?;
    let mut errors = child.stderr.take().expect("it was asked for");
    let reader = thread::spawn(move || {
        let mut said = String::new();
        // What is no text is no message.
        let _ = errors.read_to_string(&mut said);
        said
    });
    let end = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(text)? {
            break status;
        }
        if Instant::now() > end {
            child.kill().map_err(text)?;
            child.wait().map_err(text)?;
            return Err(format!("{command:?} hangs"));
        }
        thread::sleep(Duration::from_millis(1));
    };
    Ok((status, reader.join().unwrap_or_default()))
}
