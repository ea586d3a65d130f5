//! Asks a question of a child process, in which whatever hangs, aborts or overflows does no harm.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::verdict::Verdict;
use crate::watchdog::hung;

/// What the child's answer begins with, so that nothing else on its output is taken for it.
const MARK: &str = "verdict> ";

/// In the child: prints the verdict and ends the process.
///
/// A thread that hangs does not keep it, and no destructor of anything runs any more.
pub fn answer(verdict: &Verdict) -> ! {
    // The test harness may have begun a line of its own.
    let written = writeln!(io::stdout(), "\n{MARK}{verdict}");
    std::process::exit(i32::from(written.is_err()));
}

/// In the parent: starts the child, waits for its [`answer`], and kills it when its time is up.
///
/// A child that ends in another way has failed. What it prints on its standard error is thrown away: the verdict says
/// the same in fewer words.
pub fn ask(command: &mut Command, limit: Duration) -> Verdict {
    match asked(command, limit) {
        Ok(verdict) => verdict,
        Err(error) => Verdict::Failed(format!("could not be asked: {error}")),
    }
}

fn asked(command: &mut Command, limit: Duration) -> io::Result<Verdict> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut output = child.stdout.take().expect("the output is piped");
    let (done, end) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        let read = output.read_to_string(&mut text);
        let _ = done.send(());
        read.map(|_| text)
    });
    // The output ends when the child does.
    let in_time = end.recv_timeout(limit).is_ok();
    if !in_time {
        child.kill()?;
    }
    let status = child.wait()?;
    let text = reader.join().expect("reading does not panic")?;
    let answer = text.lines().find_map(|line| line.strip_prefix(MARK));
    Ok(match answer.and_then(Verdict::parse) {
        Some(verdict) => verdict,
        None if !in_time => Verdict::Failed(hung(limit)),
        None => Verdict::Failed(format!("the process ended with {status}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tells a test that it is the child, and what it is to do.
    const ROLE: &str = "MILLSTREAM_TESTKIT_ROLE";

    #[test]
    fn every_end_of_a_child_is_a_verdict() {
        match std::env::var(ROLE).as_deref() {
            Ok("answer") => answer(&Verdict::NotApplicable("a reason".to_owned())),
            Ok("abort") => std::process::abort(),
            Ok(_) => loop {
                thread::park();
            },
            Err(_) => {}
        }
        let child = |role: &str, limit| {
            let name = "process::tests::every_end_of_a_child_is_a_verdict";
            let mut command = Command::new(std::env::current_exe().expect("a test has a file"));
            ask(
                command
                    .args(["--exact", name, "--nocapture"])
                    .env(ROLE, role),
                limit,
            )
        };
        let long = Duration::from_secs(60);
        assert_eq!(
            child("answer", long),
            Verdict::NotApplicable("a reason".to_owned())
        );
        let aborted = child("abort", long);
        assert!(matches!(aborted, Verdict::Failed(text) if text.starts_with("the process ended")));
        let hung = child("hang", Duration::from_millis(100));
        assert!(matches!(hung, Verdict::Failed(text) if text.starts_with("hung")));
    }
}
