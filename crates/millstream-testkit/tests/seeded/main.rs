//! Every case has been seen failing: each is asked of a plain channel into which its bug was put, and of the same
//! channel without.
//!
//! A case that passes on a channel with its bug tests nothing. One that fails on the channel without asks for too much.

mod channel;
mod ends;
mod flaw;
mod state;

use std::process::Command;
use std::time::Duration;

use millstream_testkit::process;
use millstream_testkit::verdict::{Outcome, Verdict};
use millstream_testkit::watchdog::guarded;
use millstream_testkit::{cases, for_each_case};

use ends::Seeded;
use flaw::{flaw_of, Flaw};

/// Says to the test that it is the child and is to answer for the channel with the flaw.
const CHILD: &str = "MILLSTREAM_SEEDED_CHILD";

/// How long the child's watchdog waits: a case that meets its bug may hang, one that does not takes milliseconds.
const LIMIT: Duration = Duration::from_secs(1);

/// For the channel without the bug, and for the child as a whole, on a machine that is busy with something else.
const PATIENCE: Duration = Duration::from_secs(60);

fn check(name: &'static str, case: fn(&Seeded) -> Outcome) {
    let flaw = flaw_of(name);
    if std::env::var_os(CHILD).is_some() {
        process::answer(&guarded(name, LIMIT, move || case(&Seeded(flaw))));
    }
    if flaw != Flaw::SelectOfFutures {
        let sound = guarded(name, PATIENCE, move || case(&Seeded(Flaw::None)));
        assert_eq!(sound, Verdict::Passed, "without a flaw");
    }
    // A channel with a bug may abort or overflow its stack, so the test starts itself again to meet it.
    let test = name.rsplit("::").next().expect("a name has a last part");
    let this = std::env::current_exe().expect("this test has a file");
    let flawed = process::ask(
        Command::new(this)
            .args(["--exact", test, "--nocapture"])
            .env(CHILD, "1"),
        PATIENCE,
    );
    assert!(
        matches!(flawed, Verdict::Failed(_)),
        "with {flaw:?} the case says: {flawed}"
    );
    // For whoever asks with `--nocapture` what the failures look like.
    println!("{name}, {flaw:?}: {flawed}");
}

macro_rules! tests {
    ($($module:ident::$name:ident: $about:literal,)*) => {
        $(
            #[test]
            fn $name() {
                check(
                    concat!(stringify!($module), "::", stringify!($name)),
                    cases::$module::$name::<Seeded>,
                );
            }
        )*
    };
}

for_each_case!(tests);
