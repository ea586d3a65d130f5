//! Blocking iterators, threads and two ends that send to each other, given up midway.

use crate::book::{Book, Loss};
use crate::channels::Policy;
use crate::cut::cut;
use crate::hand::{Got, Order, Sent};
use crate::message::Message;
use crate::panics::calmly;
use crate::run::Run;
use millstream::bridge;
use millstream::duplex::{duplex, End};
use std::sync::Arc;

pub fn run(run: &mut Run) -> Result<(), String> {
    match run.dice.below(4) {
        0 => blocking_iterator(run),
        1 => future_on_thread(run),
        2 => back_to_an_iterator(run),
        _ => two_ends(run),
    }
}

/// Messages of an iterator that would block.
fn messages(
    book: Arc<Book>,
    values: usize,
    counted: crate::waker::Counted,
) -> impl Iterator<Item = Message> + Send {
    (0..values as u32).map(move |number| {
        let _ = &counted;
        let message = Message::new(book.clone(), 0, number);
        book.sent(message.id);
        message
    })
}

fn blocking_iterator(run: &mut Run) -> Result<(), String> {
    let (values, bound) = (run.dice.below(300), run.dice.below(10));
    let is_leaving = run.dice.once_in(3);
    let book = run.book(values);
    run.board.note(format_args!(
        "an iterator of {values} over {bound}, leaving {is_leaving}"
    ));
    let mut rx =
        bridge::from_blocking_iter(messages(book.clone(), values, run.wakers.count()), bound);
    run.board.probe(rx.probe());
    run.start("receiver", &book, |mut hand| async move {
        let mut order = Order::default();
        if !is_leaving {
            return hand.receive_all(rx, &mut order).await;
        }
        for _ in 0..hand.dice.below(values + 1) {
            if hand.receive(&mut rx, &mut order).await == Got::Ended {
                break;
            }
        }
        let _ = calmly(|| drop(rx));
    });
    run.join()?;
    // An iterator that nobody wants any more may have made one that was never sent.
    run.settle(&book, if is_leaving { Loss::Left } else { Loss::None })
        .map(drop)
}

fn future_on_thread(run: &mut Run) -> Result<(), String> {
    let each = run.dice.between(1, 100);
    let is_dropped = run.dice.once_in(2);
    let book = run.book(each * 4 + 4);
    run.board.note(format_args!(
        "a future on a thread that sends {each}, dropped {is_dropped}"
    ));
    let (tx, rx) = Policy::keeping(&mut run.dice).open(&mut run.dice, &run.board, "from a thread");
    run.start("owner of a thread", &book, |mut hand| async move {
        let mut working = hand.fork(99);
        let sum = bridge::run_in_thread(async move {
            for _ in 0..each {
                if working.send(&tx).await == Sent::Closed {
                    break;
                }
            }
        });
        let polls = if is_dropped {
            hand.dice.below(50)
        } else {
            usize::MAX
        };
        match cut(polls, sum.recv()).await {
            Some(ended) if ended.is_err() => hand
                .book
                .wrong("a future on a thread ended without a word".to_string()),
            Some(_) => {}
            None => hand.cancelled(),
        }
    });
    run.start("receiver", &book, |mut hand| async move {
        hand.receive_all(rx, &mut Order::default()).await;
    });
    run.join()?;
    run.settle(&book, Loss::None).map(drop)
}

fn back_to_an_iterator(run: &mut Run) -> Result<(), String> {
    let (values, bound) = (run.dice.below(300), run.dice.below(10));
    let wanted = if run.dice.once_in(3) {
        run.dice.below(values + 1)
    } else {
        usize::MAX
    };
    let book = run.book(values);
    run.board.note(format_args!(
        "a stream of {values} over {bound} as an iterator, {wanted} wanted"
    ));
    let runtime = run.any_runtime();
    let _entered = runtime.enter();
    let rx = millstream::from_iter(messages(book.clone(), values, run.wakers.count()));
    let iterator = bridge::stream_to_iter(rx, bound);
    let order = &mut Order::default();
    for mut message in iterator.take(wanted) {
        message.disarm();
        book.received(message.id);
        order.check(&message, "iterator");
    }
    run.settle(
        &book,
        if wanted < values {
            Loss::Left
        } else {
            Loss::None
        },
    )
    .map(drop)
}

fn two_ends(run: &mut Run) -> Result<(), String> {
    let each = run.dice.between(1, 150);
    let leaves = run.dice.once_in(3);
    let book = run.book(2 * each);
    run.board.note(format_args!(
        "two ends that send {each} each, leaving {leaves}"
    ));
    let (left, right) = duplex::<Message, Message>();
    for (end, begins) in [(left, true), (right, false)] {
        run.start("end", &book, |hand| talk(hand, end, begins, each, leaves));
    }
    run.join()?;
    run.settle(&book, Loss::Left).map(drop)
}

/// Sends and receives in turn.
async fn talk(
    mut hand: crate::hand::Hand,
    mut end: End<Message, Message>,
    begins: bool,
    each: usize,
    leaves: bool,
) {
    let mut order = Order::default();
    let rounds = if leaves { hand.dice.below(each) } else { each };
    for round in 0..rounds {
        if begins || round > 0 {
            hand.post.says("send to the other end");
            let message = hand.message();
            let id = message.id;
            match end.send(message).await {
                Ok(()) => drop(hand.sent(id)),
                Err(failure) => {
                    if let Some(back) = failure.into_inner() {
                        hand.back(back, true);
                    }
                    return;
                }
            }
        }
        hand.post.says("recv from the other end");
        loop {
            let polls = hand.dice.below(30);
            match cut(polls, end.recv()).await {
                Some(Ok(message)) => {
                    hand.took(message, &mut order);
                    break;
                }
                Some(Err(_)) => return,
                None => hand.cancelled(),
            }
        }
    }
    end.close();
}
