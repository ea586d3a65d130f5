//! A tee whose taps come and go, one of which holds the others up, with values that panic when they are cloned.

use crate::book::Loss;
use crate::channels::Policy;
use crate::hand::{Order, Sent};
use crate::panics::{calm, calmly};
use crate::run::Run;
use millstream::hub::{Bound, Tee};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::Arc;

/// A bound under which nothing is lost.
pub fn patient(dice: &mut crate::dice::Dice) -> Bound {
    match dice.below(3) {
        0 => Bound::Lockstep,
        1 => Bound::Wait(1),
        _ => Bound::Wait(dice.between(2, 30)),
    }
}

pub fn run(run: &mut Run) -> Result<(), String> {
    let (steady, passing) = (run.dice.between(0, 3), run.dice.between(1, 4));
    let each = run.dice.between(1, 150);
    let book = run.shared_book(each * 4);
    let panics = run.dice.once_in(5);
    let closes = run.dice.once_in(6);
    let runtime = run.any_runtime();
    let (tx, rx) = Policy::keeping(&mut run.dice).open(&mut run.dice, &run.board, "tee");
    run.board.note(format_args!(
        "{steady} steady taps, {passing} passing, {each} values, panics {panics}, closes {closes}"
    ));
    let tee = {
        let _entered = runtime.enter();
        Arc::new(Tee::new(rx))
    };

    let is_broken = Arc::new(AtomicBool::new(false));
    for _ in 0..steady {
        // They are there before the first value is.
        let tap = tee.tap(patient(&mut run.dice));
        let is_broken = is_broken.clone();
        run.start("steady tap", &book, |hand| async move {
            let mut order = Order::default();
            loop {
                hand.post.says("recv from the tee");
                match calm(tap.recv()).await {
                    Ok(Ok(message)) => hand.took(message, &mut order),
                    Ok(Err(_)) => break,
                    Err(_) => {
                        is_broken.store(true, SeqCst);
                        break;
                    }
                }
            }
        });
    }
    for _ in 0..passing {
        let tee = Arc::downgrade(&tee);
        run.start("passing tap", &book, |mut hand| async move {
            while let Some(tee) = tee.upgrade() {
                let bound = match hand.dice.below(3) {
                    0 => patient(&mut hand.dice),
                    1 => Bound::DropNewest(hand.dice.between(1, 4)),
                    _ => Bound::DropOldest(hand.dice.between(1, 4)),
                };
                let mut tap = tee.tap(bound);
                // The last who holds it, perhaps.
                drop(tee);
                let mut order = Order::default();
                for _ in 0..hand.dice.below(12) {
                    if hand.receive(&mut tap, &mut order).await == crate::hand::Got::Ended {
                        return;
                    }
                }
                if hand.dice.once_in(2) {
                    tap.close();
                    hand.receive_all(tap, &mut order).await;
                } else {
                    let _ = calmly(|| drop(tap));
                }
            }
        });
    }
    let sent_to_end = Arc::new(AtomicBool::new(false));
    let finished = sent_to_end.clone();
    run.start("sender", &book, |mut hand| async move {
        for _ in 0..each {
            if panics && hand.dice.once_in(each) {
                let mut message = hand.message();
                message.is_unique = true;
                let _ = calm(tx.send(message)).await;
            } else if hand.send(&tx).await == Sent::Closed {
                return;
            }
        }
        finished.store(true, SeqCst);
    });
    if closes {
        if let Ok(tee) = Arc::try_unwrap(tee) {
            tee.close();
        }
    } else if run.dice.once_in(2) {
        drop(tee);
    }
    run.join()?;
    let is_whole = !panics && !closes && sent_to_end.load(SeqCst);
    let sums = run.settle(&book, Loss::Left)?;
    if is_whole && steady > 0 && sums.lost > 0 {
        return Err(format!("steady taps did not get everything: {sums:?}"));
    }
    for id in 0..sums.made as u32 {
        let times = book.times_received(id) as usize;
        if is_whole && times > 0 && times < steady {
            return Err(format!(
                "value {id} came to {times} taps of {steady} and more"
            ));
        }
    }
    if is_broken.load(SeqCst) && !panics {
        return Err("a panic out of nowhere".to_string());
    }
    Ok(())
}
