//! Values that go to whichever output is free, or to the lane of their key, while outputs leave.

use crate::book::Loss;
use crate::channels::Policy;
use crate::hand::{Got, Order, Sent};
use crate::message::Message;
use crate::panics::calmly;
use crate::run::Run;
use millstream::hub::{distribute, lanes_into};

pub fn run(run: &mut Run) -> Result<(), String> {
    let (senders, outputs) = (run.dice.between(1, 3), run.dice.between(1, 5));
    let each = run.dice.between(1, 150);
    let book = run.book(senders * each * 4);
    let by_key = run.dice.once_in(2);
    let are_leaving = run.dice.once_in(3);
    let (tx, rx) = Policy::keeping(&mut run.dice).open(&mut run.dice, &run.board, "shared");
    run.board.note(format_args!(
        "{senders} senders of {each}, {outputs} outputs, lanes {by_key}, leaving {are_leaving}"
    ));
    for _ in 0..senders {
        let tx = tx.clone();
        run.start("sender", &book, |mut hand| async move {
            for _ in 0..each {
                if hand.send(&tx).await == Sent::Closed {
                    break;
                }
            }
        });
    }
    drop(tx);
    let mut ends = Vec::new();
    for number in 0..outputs {
        let policy = Policy::keeping(&mut run.dice);
        let (tx, rx) = policy.open(&mut run.dice, &run.board, &format!("output {number}"));
        ends.push(tx);
        run.start("output", &book, |mut hand| async move {
            let mut rx = rx;
            // Within a lane the values of a producer keep their order; a lane may also get those of one that left.
            let mut order = if by_key && !are_leaving {
                Order::default()
            } else {
                Order::none()
            };
            if are_leaving {
                for _ in 0..hand.dice.below(each) {
                    if hand.receive(&mut rx, &mut order).await == Got::Ended {
                        break;
                    }
                }
                if hand.dice.once_in(2) {
                    // What was sent before the close is received after it.
                    rx.close();
                    hand.receive_all(rx, &mut order).await;
                } else {
                    let _ = calmly(|| drop(rx));
                }
            } else {
                hand.receive_all(rx, &mut order).await;
            }
        });
    }
    let is_dropped = run.dice.once_in(5);
    run.start("driver", &book, |mut hand| async move {
        let heir = rx.clone();
        if by_key {
            let driver = lanes_into(rx, ends, |message: &Message| message.producer);
            drive(&mut hand, driver, is_dropped).await;
        } else {
            let driver = distribute(rx, ends);
            drive(&mut hand, driver, is_dropped).await;
        }
        // Whatever had no place is still at the head of the input.
        hand.may_reorder = true;
        hand.receive_all(heir, &mut Order::none()).await;
    });
    run.join()?;
    let loss = if are_leaving { Loss::Left } else { Loss::None };
    run.settle(&book, loss).map(drop)
}

async fn drive<F: std::future::Future>(hand: &mut crate::hand::Hand, driver: F, is_dropped: bool) {
    let driver = Box::pin(driver);
    if is_dropped {
        let polls = hand.dice.below(100);
        if crate::cut::cut(polls, driver).await.is_none() {
            hand.cancelled();
        }
    } else {
        driver.await;
    }
}
