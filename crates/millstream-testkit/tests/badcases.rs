//! Every bad case against millstream, one test each.

use std::time::Duration;

use millstream_testkit::family::Millstream;
use millstream_testkit::peer::{Family, Missing, Policy, ReceiveEnd, SendEnd};
use millstream_testkit::verdict::{Outcome, Verdict};
use millstream_testkit::watchdog::guarded;
use millstream_testkit::{cases, ensure, for_each_case};

/// Every case takes milliseconds; this is for a machine that is busy with something else.
const LIMIT: Duration = Duration::from_secs(60);

/// Cases that cannot be asked of millstream, each with the reason. It offers all that any case asks for.
const NOT_APPLICABLE: &[(&str, &str)] = &[];

fn check(name: &str, case: fn(&Millstream) -> Outcome) {
    let excused = NOT_APPLICABLE.iter().find(|(excused, _)| *excused == name);
    match (guarded(name, LIMIT, move || case(&Millstream)), excused) {
        (Verdict::Passed, None) => {}
        (Verdict::Passed, Some(_)) => {
            panic!("{name} is applicable and passes: take it off the list")
        }
        (Verdict::NotApplicable(_), Some(_)) => {}
        (verdict, _) => panic!("{name}: {verdict}"),
    }
}

macro_rules! tests {
    ($($module:ident::$name:ident: $about:literal,)*) => {
        $(
            #[test]
            fn $name() {
                check(
                    concat!(stringify!($module), "::", stringify!($name)),
                    cases::$module::$name::<Millstream>,
                );
            }
        )*

        #[test]
        fn every_excuse_names_a_case() {
            let names = [$(concat!(stringify!($module), "::", stringify!($name))),*];
            for (excused, reason) in NOT_APPLICABLE {
                assert!(names.contains(excused) && !reason.is_empty(), "{excused}");
            }
        }
    };
}

for_each_case!(tests);

/// A part of a case that asks for something absent is passed over, so nothing may be absent here.
#[test]
fn nothing_is_absent() {
    assert_eq!(Verdict::from(offers_all(&Millstream)), Verdict::Passed);
}

fn offers_all<F: Family>(family: &F) -> Outcome {
    let moment = Duration::from_millis(1);
    for policy in [
        Policy::Rendezvous,
        Policy::Bounded(2),
        Policy::Unbounded,
        Policy::Dropping(1),
        Policy::Sliding(1),
    ] {
        let (tx, mut rx) = family.open::<u64>(policy)?;
        let (other_tx, mut other_rx) = family.open::<u64>(policy)?;
        drop(tx.send(1)?);
        drop(tx.send_timeout(2, moment)?);
        drop(tx.try_reserve()?);
        drop(rx.recv()?);
        let _ = rx.recv_timeout(moment)?;
        drop(rx.try_clone()?);
        drop(family.select_send((&tx, 3), (&other_tx, 4))?);
        drop(family.select_receive(&mut rx, &mut other_rx)?);
        rx.close()?;
        let sent = tx.send_blocking(5)?;
        ensure!(sent == Err(Some(5)), "a send after the close: {sent:?}");
        let received = rx.recv_blocking()?;
        ensure!(
            received == Err(Missing::Closed),
            "a receive after the close: {received:?}"
        );
    }
    let (_tx, _rx) = family.promise::<u64>()?;
    Ok(())
}
