//! Values that an iterator makes as they are received, and one value for everybody.

use crate::book::{Book, Loss};
use crate::cut::cut;
use crate::hand::{Got, Order};
use crate::message::Message;
use crate::panics::{calm, calmly, deliberately};
use crate::run::Run;
use std::sync::Arc;

pub fn run(run: &mut Run) -> Result<(), String> {
    match run.dice.once_in(3) {
        true => promise(run),
        false => iterator(run),
    }
}

/// Makes messages, and perhaps panics after some of them.
struct Source {
    book: Arc<Book>,
    next: u32,
    end: u32,
    panics_at: u32,
    has_hint: bool,
    _counted: crate::waker::Counted,
}

impl Iterator for Source {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        if self.next == self.panics_at {
            self.book.counts.panicked();
            deliberately();
        }
        (self.next < self.end).then(|| {
            let message = Message::new(self.book.clone(), 0, self.next);
            self.next += 1;
            self.book.sent(message.id);
            message
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.end - self.next) as usize;
        match self.has_hint {
            true => (left, Some(left)),
            false => (0, None),
        }
    }
}

fn iterator(run: &mut Run) -> Result<(), String> {
    let values = run.dice.between(0, 600) as u32;
    let receivers = run.dice.between(1, 5);
    let panics_at = if run.dice.once_in(4) {
        run.dice.below(values as usize + 1) as u32
    } else {
        u32::MAX
    };
    let are_leaving = run.dice.once_in(4);
    let may_reorder = run.dice.once_in(3);
    let book = run.book(values as usize);
    run.board.note(format_args!(
        "{values} values for {receivers}, panics at {panics_at}, leaving {are_leaving}"
    ));
    let source = Source {
        book: book.clone(),
        next: 0,
        end: values,
        panics_at,
        has_hint: run.dice.once_in(2),
        _counted: run.wakers.count(),
    };
    let rx = match run.dice.once_in(2) {
        true => millstream::from_iter(source),
        false => millstream::named("iterator").from_iter(source),
    };
    run.board.probe(rx.probe());
    for _ in 0..receivers {
        let mut rx = rx.clone();
        run.start("receiver", &book, |mut hand| async move {
            hand.may_reorder = may_reorder;
            let mut order = if may_reorder {
                Order::none()
            } else {
                Order::default()
            };
            if !are_leaving {
                return hand.receive_all(rx, &mut order).await;
            }
            for _ in 0..hand.dice.below(values as usize + 1) {
                if hand.receive(&mut rx, &mut order).await == Got::Ended {
                    break;
                }
            }
            let _ = calmly(|| drop(rx));
        });
    }
    drop(rx);
    run.join()?;
    let is_lossy = are_leaving || panics_at != u32::MAX;
    let sums = run.settle(&book, if is_lossy { Loss::Left } else { Loss::None })?;
    match is_lossy || sums.received == values as usize {
        true => Ok(()),
        false => Err(format!("{values} values, {sums:?}")),
    }
}

fn promise(run: &mut Run) -> Result<(), String> {
    let receivers = run.dice.between(1, 6);
    let book = run.shared_book(4);
    let is_kept = !run.dice.once_in(4);
    run.board
        .note(format_args!("a promise to {receivers}, kept {is_kept}"));
    let (tx, rx) = millstream::promise();
    run.board.probe(rx.probe());
    for _ in 0..receivers {
        let rx = rx.clone();
        run.start("receiver", &book, |mut hand| async move {
            let mut order = Order::none();
            let mut wanted = hand.dice.between(1, 4);
            while wanted > 0 {
                let polls = hand.polls();
                let recv = hand.watched(rx.recv());
                let got = match hand.dice.below(3) {
                    0 => Some(recv.await),
                    1 => cut(polls, recv).await,
                    _ => {
                        let claim = hand.watched(rx.claim());
                        match cut(polls, claim).await {
                            Some(Ok(claim)) => Some(Ok(claim.take())),
                            Some(Err(error)) => Some(Err(error)),
                            None => None,
                        }
                    }
                };
                match got {
                    Some(Ok(message)) => {
                        hand.took(message, &mut order);
                        wanted -= 1;
                    }
                    Some(Err(_)) if is_kept => {
                        hand.book
                            .wrong("a promise that was kept came to nothing".to_string());
                        return;
                    }
                    Some(Err(_)) => return,
                    None => hand.cancelled(),
                }
            }
        });
    }
    drop(rx);
    run.start("sender", &book, |mut hand| async move {
        if is_kept {
            let message = hand.message();
            let id = message.id;
            match calm(tx.send(message)).await {
                Ok(Ok(())) => drop(hand.sent(id)),
                Ok(Err(back)) => drop(hand.back(back.into_inner(), true)),
                Err(_) => {}
            }
        }
    });
    run.join()?;
    run.settle(&book, Loss::None).map(drop)
}
