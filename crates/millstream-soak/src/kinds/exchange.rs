//! Selects over both directions: each member sends on one channel or receives from any, whichever is possible first.

use crate::book::Loss;
use crate::channels::Policy;
use crate::cut::cut;
use crate::hand::{Hand, Order};
use crate::message::Message;
use crate::panics::calm;
use crate::run::Run;
use millstream::{Receiver, Select, Sender};

pub fn run(run: &mut Run) -> Result<(), String> {
    let (members, channels) = (run.dice.between(2, 5), run.dice.between(1, 4));
    let rounds = run.dice.between(1, 200);
    let is_hostile = run.dice.once_in(3);
    let book = run.book(members * rounds);
    let mut links = Vec::new();
    for number in 0..channels {
        let policy = match run.dice.once_in(2) {
            true => Policy::Bounded(0),
            false => Policy::keeping(&mut run.dice),
        };
        links.push(policy.open(&mut run.dice, &run.board, &format!("link {number}")));
    }
    run.board.note(format_args!(
        "{members} members, {rounds} rounds, hostile {is_hostile}"
    ));
    for _ in 0..members {
        let links = links.clone();
        run.start("member", &book, |mut hand| async move {
            hand.has_hostile = is_hostile;
            let (txs, rxs): (Vec<_>, Vec<_>) = links.into_iter().unzip();
            for _ in 0..rounds {
                let own = hand.dice.below(txs.len());
                let _ = calm(turn(&mut hand, &txs[own], &rxs)).await;
            }
        });
    }
    run.join()?;
    // What is left inside is received now.
    let (txs, rxs): (Vec<_>, Vec<_>) = links.into_iter().unzip();
    drop(txs);
    for rx in rxs {
        run.start("heir", &book, |mut hand| async move {
            hand.receive_all(rx, &mut Order::none()).await;
        });
    }
    run.join()?;
    run.settle(&book, Loss::None).map(drop)
}

/// What one select came to.
enum Turn {
    Sent,
    Received,
    Refused(Message),
    Nothing,
}

async fn turn(hand: &mut Hand, tx: &Sender<Message>, rxs: &[Receiver<Message>]) {
    let mut slot = Some(hand.message());
    let id = slot.as_ref().map_or(0, |message| message.id);
    let (moment, polls, way) = (hand.dice.moment(), hand.polls(), hand.dice.below(4));
    let book = hand.book.clone();
    let received = |_, got| match got {
        Ok(message) => {
            let mut message: Message = message;
            message.disarm();
            book.received(message.id);
            Turn::Received
        }
        Err(_) => Turn::Nothing,
    };
    let sent = |sent| match sent {
        Ok(()) => Turn::Sent,
        Err(millstream::SendError(back)) => Turn::Refused(back),
    };
    let turn = match way {
        0 => {
            hand.post.says("select with a time");
            let select = Select::new()
                .send_from(tx, &mut slot, sent)
                .recv_each(rxs, received)
                .after(moment, || Turn::Nothing);
            hand.watched_calmly(select).await
        }
        1 => {
            hand.post.says("select with a default");
            let select = Select::new()
                .recv_each(rxs, received)
                .send_from(tx, &mut slot, sent)
                .default(|| Turn::Nothing);
            select.await
        }
        2 => {
            hand.post.says("select of a value that stays with the arm");
            let select = Select::new()
                .send(tx, slot.take().expect("it was just made"), sent)
                .recv_each(rxs, received)
                .after(moment, || Turn::Nothing);
            let turn = hand.watched_calmly(select).await;
            if let Turn::Sent = turn {
                book.sent(id);
            }
            return;
        }
        _ => {
            hand.post.says("select that is dropped");
            let select = Select::new()
                .send_from(tx, &mut slot, sent)
                .recv_each(rxs, received);
            let select = hand.watched(select);
            cut(polls, select).await.unwrap_or(Turn::Nothing)
        }
    };
    match (turn, slot) {
        (Turn::Sent, None) => drop(hand.sent(id)),
        (Turn::Refused(back), None) => drop(hand.back(back, true)),
        (Turn::Nothing, None) if way == 3 => drop(hand.sent(id)),
        (Turn::Received | Turn::Nothing, Some(back)) => {
            hand.cancelled();
            hand.back(back, false);
        }
        (_, slot) => book.wrong(format!("value {id} was lost by its select: {slot:?}")),
    }
}
