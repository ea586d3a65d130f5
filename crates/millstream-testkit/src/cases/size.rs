//! Values of unusual size: so large that copies count, and so small that there is nothing to copy.

use std::thread;

use super::{failed, if_offered, over, put};
use crate::drive::{settle, Driven};
use crate::ensure;
use crate::payload::{big, Big, Nothing, BIG};
use crate::peer::{Family, Policy, ReceiveEnd, SendEnd};
use crate::verdict::{Absent, Outcome};

/// Room for 96 values. An unoptimised build moves a value through ten to sixty places on its way, each with room of
/// its own on the stack, and that must not count; one block of 31 slots, moved a few times, must.
const STACK: usize = 96 * BIG;

/// async-channel builds a block of 31 slots on the stack and moves it to the heap; the overflow ends the process.
pub fn large_values<F: Family>(family: &F) -> Outcome {
    let family = *family;
    let thread = thread::Builder::new()
        .name("large values".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            let policies = [Policy::Bounded(2), Policy::Unbounded];
            over::<F, Big>(&family, &policies, |_, tx, mut rx| {
                try_large::<F>(&tx, &mut rx)?;
                await_large::<F>(&tx, &mut rx)
            })?;
            let rendezvous = [Policy::Rendezvous];
            if_offered(over::<F, Big>(&family, &rendezvous, |_, tx, mut rx| {
                await_large::<F>(&tx, &mut rx)
            }))
        })
        .expect("the system has room for one more thread");
    thread
        .join()
        .unwrap_or_else(|_| failed("panicked with large values"))
}

/// Kept out of line, like the next, so that the copies in their frames are not there at the same time.
#[inline(never)]
fn try_large<F: Family>(tx: &F::Sender<Big>, rx: &mut F::Receiver<Big>) -> Outcome {
    put(tx, big(1))?;
    ensure!(
        rx.try_recv().is_ok_and(|value| value[BIG - 1] == 1),
        "a large value came out changed, or not at all"
    );
    Ok(())
}

#[inline(never)]
fn await_large<F: Family>(tx: &F::Sender<Big>, rx: &mut F::Receiver<Big>) -> Outcome {
    let mut receive = match rx.recv() {
        Ok(receive) => Driven::start(receive),
        Err(Absent(_)) => return Ok(()),
    };
    let mut send = Driven::start(tx.send(big(2))?);
    settle(&mut [&mut send, &mut receive]);
    let received = receive.output();
    ensure!(
        received.is_some_and(|value| value.is_ok_and(|value| value[BIG - 1] == 2)),
        "a large value came out changed, or not at all"
    );
    Ok(())
}

/// Collections have another path for them, and lengths computed from addresses are wrong.
pub fn zero_sized_values<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Bounded(3), Policy::Unbounded];
    over::<F, Nothing>(family, &policies, |policy, tx, mut rx| {
        let before = Nothing::alive();
        // More than one turn of any ring or block.
        for _ in 0..100 {
            for _ in 0..3 {
                put(&tx, Nothing::new())?;
            }
            ensure!(
                policy == Policy::Unbounded || tx.try_send(Nothing::new()).is_err(),
                "a full channel took a value of no size"
            );
            for _ in 0..3 {
                ensure!(rx.try_recv().is_ok(), "a value of no size is lost");
            }
            ensure!(
                rx.try_recv().is_err(),
                "a value of no size came out of nothing"
            );
        }
        ensure!(
            Nothing::alive() == before,
            "values of no size leaked or were dropped twice"
        );
        put(&tx, Nothing::new())?;
        put(&tx, Nothing::new())?;
        drop(rx);
        drop(tx);
        ensure!(
            Nothing::alive() == before,
            "of two values left inside, {} are alive",
            Nothing::alive() - before
        );
        Ok(())
    })?;
    if_offered(over::<F, Nothing>(
        family,
        &[Policy::Rendezvous],
        |_, tx, mut rx| {
            let before = Nothing::alive();
            drop(Driven::start(tx.send(Nothing::new())?));
            let mut receive = Driven::start(rx.recv()?);
            let mut send = Driven::start(tx.send(Nothing::new())?);
            settle(&mut [&mut send, &mut receive]);
            ensure!(
                receive.is_done() && send.is_done(),
                "a send and a receive did not meet"
            );
            drop((receive, send));
            ensure!(
                Nothing::alive() == before,
                "values of no size leaked or were dropped twice"
            );
            Ok(())
        },
    ))
}
