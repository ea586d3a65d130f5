//! Many senders and many receivers on one channel, of every policy, with everything that can be given up.

use crate::book::Loss;
use crate::channels::{Policy, Queue};
use crate::hand::{Got, Order, Sent};
use crate::panics::calmly;
use crate::run::Run;
use millstream::TryRecvError;

pub fn run(run: &mut Run) -> Result<(), String> {
    let policy = Policy::any(&mut run.dice);
    let (senders, receivers) = (run.dice.between(1, 5), run.dice.between(1, 5));
    let each = run.dice.between(1, 250);
    // A member may make up to three messages at a time.
    let book = run.book(senders * each * 4);
    let is_hostile = run.dice.once_in(3);
    let may_reorder = run.dice.once_in(3);
    let are_leaving = run.dice.once_in(4);
    let closes_early = run.dice.once_in(5);
    let is_fused = policy == Policy::Custom(1);
    let (tx, rx) = if is_fused {
        let after = run.dice.below(senders * each);
        run.board
            .note(format_args!("a buffer that panics after {after}"));
        millstream::with_buffer(Queue::panicking(3, after, book.clone()))
    } else {
        policy.open(&mut run.dice, &run.board, "crowd")
    };
    run.board.note(format_args!(
        "{senders} senders of {each}, {receivers} receivers, hostile {is_hostile}, leaving {are_leaving}, \
         closing {closes_early}"
    ));
    let (weak_tx, weak_rx) = (tx.downgrade(), rx.downgrade());

    for _ in 0..senders {
        let (tx, weak) = (tx.clone(), weak_tx.clone());
        run.start("sender", &book, |mut hand| async move {
            hand.has_hostile = is_hostile;
            for _ in 0..each {
                let sent = match hand.dice.once_in(30) {
                    // A handle that comes and goes.
                    true => match weak.upgrade() {
                        Some(tx) => hand.send(&tx).await,
                        None => hand.send(&tx).await,
                    },
                    false => hand.send(&tx).await,
                };
                if sent == Sent::Closed {
                    break;
                }
            }
        });
    }
    for _ in 0..receivers {
        let rx = rx.clone();
        run.start("receiver", &book, |mut hand| async move {
            hand.may_reorder = may_reorder;
            let mut order = match may_reorder {
                // Another receiver may give a value back to the front.
                true => Order::none(),
                false => Order::default(),
            };
            if !are_leaving {
                return hand.receive_all(rx, &mut order).await;
            }
            let mut rx = rx;
            let mut patience = hand.dice.below(2 * each);
            while patience > 0 && hand.receive(&mut rx, &mut order).await != Got::Ended {
                patience -= 1;
            }
            // With the last of them goes what is inside, some of which panics.
            let _ = calmly(|| drop(rx));
        });
    }
    if closes_early {
        let (weak_tx, weak_rx) = (weak_tx.clone(), weak_rx.clone());
        run.start("closer", &book, |mut hand| async move {
            for _ in 0..hand.dice.below(200) {
                millstream::runtime::yield_now().await;
            }
            if hand.dice.once_in(2) {
                weak_tx.upgrade().map(|tx| tx.close());
            } else {
                weak_rx.upgrade().map(|rx| calmly(|| rx.close()));
            }
        });
    }
    // One receiver stays to look at the end, unless it is to be without one.
    drop(tx);
    let witness = if are_leaving {
        let _ = calmly(|| drop(rx));
        None
    } else {
        Some(rx)
    };
    let joined = run.join();
    if weak_tx.upgrade().is_some() {
        return Err("a sender is left".to_string());
    }
    let mut loss = match are_leaving || is_fused {
        true => Loss::Left,
        false => Loss::None,
    };
    if let Some(rx) = witness {
        let stats = rx.stats();
        if policy.is_lossy() {
            loss = Loss::Policy(stats.dropped);
        }
        if !is_fused && rx.try_recv().err() != Some(TryRecvError::Closed) {
            return Err(format!("not at its end: {stats:?}"));
        }
    }
    if weak_rx.upgrade().is_some() {
        return Err("a receiver is left".to_string());
    }
    joined?;
    run.settle(&book, loss).map(drop)
}
