//! A consumer that stops reading: what lies before it fills up to its bounds, and then everybody waits.

use crate::book::Loss;
use crate::hand::{Order, Sent, MANY};
use crate::message::Message;
use crate::panics::calmly;
use crate::place::Place;
use crate::run::Run;
use millstream::hub::{Bound, Tee};
use millstream::{pipe, ChannelState};
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::task::Poll;

pub fn run(run: &mut Run) -> Result<(), String> {
    let (senders, capacity) = (run.dice.between(1, 3), run.dice.below(20));
    let (workers, room, batch) = (
        run.dice.between(1, 3),
        run.dice.below(20),
        run.dice.between(1, 8),
    );
    let is_ordered = run.dice.once_in(2);
    let has_tee = run.dice.once_in(2);
    let is_leaving = run.dice.once_in(2);
    // Many more than may ever be under way.
    let each = 1500;
    let book = run.shared_book(senders * each);
    run.board.note(format_args!(
        "{senders} senders, room {capacity}, {workers} workers with room {room} in batches of {batch}, ordered \
         {is_ordered}, tee {has_tee}, leaving {is_leaving}"
    ));
    let runtime = run.any_runtime();
    let _entered = runtime.enter();
    let (tx, rx) = millstream::bounded::<Message>(capacity);
    run.board.probe(tx.probe());
    let input = tx.probe();
    for _ in 0..senders {
        let tx = tx.clone();
        run.start("sender", &book, |mut hand| async move {
            for _ in 0..each {
                hand.post.says("send");
                let message = hand.message();
                let id = message.id;
                let sent = match tx.send(message).await {
                    Ok(()) => hand.sent(id),
                    Err(back) => hand.back(back.into_inner(), true),
                };
                if sent == Sent::Closed {
                    break;
                }
            }
        });
    }
    drop(tx);
    let stage = pipe::threads(workers).batch(batch).capacity(room);
    let stage = if is_ordered { stage.ordered() } else { stage };
    let mut rx = stage.map(rx, |message| message);
    let taps = if has_tee { 2 } else { 1 };
    let mut spare = None;
    if has_tee {
        let tee = Tee::new(rx);
        rx = tee.tap(Bound::Wait(room));
        spare = Some(tee.tap(Bound::Wait(room)));
    }
    run.board.probe(rx.probe());

    // What the documentation of each part allows it to keep, the value in the hand of each sender, and one more for each
    // tap under way; values that are shared count for each tap.
    let stage_bound = 2 * workers * batch.min(room.max(1)) * if is_ordered { 2 } else { 1 };
    let bound = senders + capacity + stage_bound + room + taps * (room + 2) + 2;
    run.board.note(format_args!("at most {bound} values"));
    run.start("consumer", &book, |mut hand| async move {
        let mut order = Order::none();
        for _ in 0..hand.dice.below(30) {
            hand.post.says("recv, for a while");
            match rx.recv().await {
                Ok(message) => hand.took(message, &mut order),
                Err(_) => break,
            }
            if let Some(spare) = &spare {
                if let Ok(message) = spare.recv().await {
                    hand.took(message, &mut order);
                }
            }
        }
        // Nobody reads now, until everybody upstream has come to wait, and stays so.
        hand.post.says("does not read");
        let mut delivered = u64::MAX;
        let mut calm_looks = 0;
        while calm_looks < 200 {
            millstream::runtime::yield_now().await;
            let stats = input.snapshot().stats;
            let is_stuck =
                stats.state == ChannelState::PendingSends && stats.delivered() == delivered;
            calm_looks = if is_stuck { calm_looks + 1 } else { 0 };
            delivered = stats.delivered();
        }
        let live = hand.book.live();
        if live > bound {
            hand.book
                .wrong(format!("{live} values while nobody reads, {bound} allowed"));
        }
        if is_leaving {
            hand.cancelled();
            let _ = calmly(|| drop((rx, spare)));
            return;
        }
        let spare = spare.map(|spare| async move {
            let mut all = Vec::new();
            while let Ok(message) = spare.recv().await {
                all.push(message.id);
                drop(message);
            }
            all
        });
        // One of two that take turns must not block.
        hand.place = Place::BuiltIn;
        let book = hand.book.clone();
        let (own, other) = (hand.receive_all(rx, &mut order), async move {
            if let Some(spare) = spare {
                spare.await.into_iter().for_each(|id| book.received(id));
            }
        });
        both(own, other).await;
    });
    run.join()?;
    // While somebody reads, what one receive of many or a drain has given is the consumer's, and each receiver that is
    // committed may have one value beyond the capacity.
    let bound = bound + (room + 2).max(MANY) + workers + taps;
    if book.most() > bound {
        return Err(format!("{} values at a time, {bound} allowed", book.most()));
    }
    run.settle(&book, if is_leaving { Loss::Left } else { Loss::None })
        .map(drop)
}

/// Waits for two futures beside each other.
async fn both(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let (mut one_is_done, mut other_is_done) = (false, false);
    poll_fn(|context| {
        one_is_done = one_is_done || one.as_mut().poll(context).is_ready();
        other_is_done = other_is_done || other.as_mut().poll(context).is_ready();
        match one_is_done && other_is_done {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
}
