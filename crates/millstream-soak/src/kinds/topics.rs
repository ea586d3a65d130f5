//! Topics whose subscribers come and go.

use crate::book::Loss;
use crate::channels::Policy;
use crate::hand::{Got, Order, Sent};
use crate::kinds::tees::patient;
use crate::message::Message;
use crate::panics::calmly;
use crate::run::Run;
use millstream::hub::{Bound, Topics};
use std::sync::Arc;

pub fn run(run: &mut Run) -> Result<(), String> {
    let topics = run.dice.between(1, 4) as u32;
    let passing = run.dice.between(0, 4);
    let each = run.dice.between(1, 150);
    let book = run.shared_book(each * 4);
    let panics = run.dice.once_in(5);
    let runtime = run.any_runtime();
    let (tx, rx) = Policy::keeping(&mut run.dice).open(&mut run.dice, &run.board, "topics");
    run.board.note(format_args!(
        "{topics} topics, {passing} passing, {each} values, panics {panics}"
    ));
    let counted = run.wakers.count();
    let fuse = if panics {
        run.dice.below(each) as u32
    } else {
        u32::MAX
    };
    let counts = run.counts.clone();
    let hub = {
        let _entered = runtime.enter();
        Arc::new(Topics::new(rx, move |message: &Message| {
            let _ = &counted;
            if message.number == fuse {
                counts.panicked();
                crate::panics::deliberately();
            }
            message.number % topics
        }))
    };
    for topic in 0..topics {
        // There before the first value: it gets all of its topic.
        let rx = hub.subscribe(topic, patient(&mut run.dice));
        run.start("steady subscriber", &book, |mut hand| async move {
            hand.receive_all(rx, &mut Order::default()).await;
        });
    }
    for _ in 0..passing {
        let hub = Arc::downgrade(&hub);
        run.start("passing subscriber", &book, |mut hand| async move {
            while let Some(hub) = hub.upgrade() {
                let bound = match hand.dice.below(3) {
                    0 => patient(&mut hand.dice),
                    1 => Bound::DropNewest(hand.dice.between(1, 4)),
                    _ => Bound::DropOldest(hand.dice.between(1, 4)),
                };
                let topic = hand.dice.below(topics as usize + 1) as u32;
                let mut rx = hub.subscribe(topic, bound);
                if topic == topics && hand.dice.once_in(2) {
                    hub.unsubscribe_all(topic);
                }
                drop(hub);
                let mut order = Order::default();
                for _ in 0..hand.dice.below(12) {
                    if hand.receive(&mut rx, &mut order).await == Got::Ended {
                        return;
                    }
                }
                let _ = calmly(|| drop(rx));
                millstream::runtime::yield_now().await;
            }
        });
    }
    run.start("sender", &book, |mut hand| async move {
        for _ in 0..each {
            if hand.send(&tx).await == Sent::Closed {
                break;
            }
        }
    });
    if run.dice.once_in(2) {
        drop(hub);
    }
    run.join()?;
    let sums = run.settle(&book, Loss::Left)?;
    if !panics && sums.lost > 0 {
        return Err(format!(
            "steady subscribers did not get everything: {sums:?}"
        ));
    }
    Ok(())
}
