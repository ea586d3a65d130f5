//! Capacity zero: a completed send means that a receiver took part.

use super::{failed, if_offered, over};
use crate::drive::{settle, Driven};
use crate::ensure;
use crate::peer::{Family, Missing, Policy, ReceiveEnd, Refused, SendEnd};
use crate::verdict::Outcome;

/// std accepted sends on the strength of a receiver that was ready once, and then was not.
pub fn send_completes_unreceived<F: Family>(family: &F) -> Outcome {
    over::<F, u64>(family, &[Policy::Rendezvous], |_, tx, mut rx| {
        ensure!(
            matches!(tx.try_send(1), Err(Refused::Full(_))),
            "a send was accepted, and no receiver was ever there"
        );
        ensure!(
            rx.try_recv() == Err(Missing::Empty),
            "a value came out of a refused send"
        );
        if_offered(one_receive_lets_one_send_through::<F>(&tx, &mut rx))?;
        if let Ok(send) = tx.send(5) {
            let send = Driven::start(send);
            ensure!(!send.is_done(), "a send completed without a receiver");
        }
        ensure!(
            rx.try_recv() == Err(Missing::Empty),
            "a value came out of a dropped send"
        );
        Ok(())
    })
}

fn one_receive_lets_one_send_through<F: Family>(
    tx: &F::Sender<u64>,
    rx: &mut F::Receiver<u64>,
) -> Outcome {
    let receive = Driven::start(rx.recv()?);
    ensure!(
        !receive.is_done(),
        "a receive completed on an empty channel"
    );
    drop(receive);
    ensure!(
        matches!(tx.try_send(2), Err(Refused::Full(_))),
        "a send was accepted against a receive that had been dropped"
    );
    let mut receive = Driven::start(rx.recv()?);
    let first = tx.try_send(3);
    ensure!(
        !matches!(first, Err(Refused::Closed(_))),
        "an open channel is called closed"
    );
    if first.is_ok() {
        ensure!(
            matches!(tx.try_send(4), Err(Refused::Full(_))),
            "two sends were accepted, and one receive waits"
        );
        settle(&mut [&mut receive]);
        ensure!(
            receive.output() == Some(Ok(3)),
            "a send was accepted, and the waiting receive did not get its value"
        );
    }
    Ok(())
}

/// The least a rendezvous does.
pub fn either_side_first<F: Family>(family: &F) -> Outcome {
    over::<F, u64>(family, &[Policy::Rendezvous], |_, tx, mut rx| {
        for receiver_first in [true, false] {
            let (mut send, mut receive);
            if receiver_first {
                receive = Driven::start(rx.recv()?);
                send = Driven::start(tx.send(7)?);
            } else {
                send = Driven::start(tx.send(7)?);
                receive = Driven::start(rx.recv()?);
            }
            settle(&mut [&mut send, &mut receive]);
            let met = (send.output(), receive.output());
            if met != (Some(Ok(())), Some(Ok(7))) {
                return failed(format!("receiver first {receiver_first}: {met:?}"));
            }
        }
        Ok(())
    })
}
