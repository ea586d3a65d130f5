//! Select sets whose arms come and go, which are dropped and made again, and between which values go round.

use crate::book::{Book, Loss};
use crate::channels::Policy;
use crate::cut::cut;
use crate::hand::{Hand, Sent};
use crate::message::Message;
use crate::panics::{calm, calmly, deliberately};
use crate::run::Run;
use millstream::{Receiver, SelectSet, SendError, Sender};
use std::sync::Arc;

pub fn run(run: &mut Run) -> Result<(), String> {
    let (channels, sets) = (run.dice.between(1, 6), run.dice.between(1, 3));
    let each = run.dice.between(1, 150);
    let book = run.book(channels * each * 4 + sets * 2000);
    let mut receivers = Vec::new();
    for number in 0..channels {
        let policy = Policy::keeping(&mut run.dice);
        let (tx, rx) = policy.open(&mut run.dice, &run.board, &format!("input {number}"));
        receivers.push(rx);
        run.start("sender", &book, |mut hand| async move {
            for _ in 0..each {
                if hand.send(&tx).await == Sent::Closed {
                    break;
                }
            }
        });
    }
    // The sets also send to each other, as long as there is time.
    let (echo, echoes) = Policy::keeping(&mut run.dice).open(&mut run.dice, &run.board, "echo");
    run.board
        .note(format_args!("{channels} senders of {each}, {sets} sets"));
    for _ in 0..sets {
        let (receivers, echo, echoes) = (receivers.clone(), echo.clone(), echoes.clone());
        run.start("set", &book, |hand| serve(hand, receivers, echo, echoes));
    }
    drop((receivers, echo));
    run.join()?;
    for message in echoes.drain() {
        book.received(message.id);
    }
    run.settle(&book, Loss::None).map(drop)
}

/// What came of one turn of a set.
enum Turn {
    /// A value, or the end of an input.
    Received,
    Ended(usize),
    /// The send from this set went through, or its value came back.
    Sent,
    Back(Message),
}

async fn serve(
    mut hand: Hand,
    receivers: Vec<Receiver<Message>>,
    echo: Sender<Message>,
    echoes: Receiver<Message>,
) {
    let mut ended = vec![false; receivers.len()];
    let mut echoing = hand.dice.below(100);
    while ended.contains(&false) {
        let mut set = SelectSet::new();
        let mut inputs = Vec::new();
        for (number, rx) in receivers
            .iter()
            .enumerate()
            .filter(|(number, _)| !ended[*number])
        {
            inputs.push(add_input(&mut set, rx, number, &mut hand));
        }
        add_input(&mut set, &echoes, usize::MAX, &mut hand);
        if echoing > 0 {
            echoing -= 1;
            let message = hand.message();
            let (id, book) = (message.id, hand.book.clone());
            set.send(&echo, message, move |sent| match sent {
                Ok(()) => {
                    book.sent(id);
                    Turn::Sent
                }
                Err(SendError(back)) => Turn::Back(back),
            });
        }
        let mut is_whole = true;
        for _ in 0..hand.dice.between(1, 40) {
            if hand.dice.once_in(12) {
                // An arm goes; the next set has it again.
                let arm = *hand.dice.pick(&inputs);
                let _ = calmly(|| set.remove(arm));
                is_whole = false;
            }
            hand.post.says("the next of a set");
            let is_cut = hand.dice.once_in(4);
            let polls = hand.polls();
            let next = hand.watched(set.next());
            let turn = match is_cut || !is_whole {
                true => calm(cut(polls, next)).await,
                // Its inputs have values, or come to their ends.
                false => calm(next).await.map(Some),
            };
            match turn {
                Ok(Some(Some(Turn::Received | Turn::Sent))) | Err(_) => {}
                Ok(Some(Some(Turn::Ended(number)))) => {
                    if let Some(ended) = ended.get_mut(number) {
                        *ended = true;
                    }
                    // The echoes alone may never end.
                    is_whole &= ended.contains(&false);
                }
                Ok(Some(Some(Turn::Back(back)))) => drop(hand.back(back, true)),
                Ok(Some(None)) => break,
                Ok(None) => hand.cancelled(),
            }
        }
    }
}

fn add_input<'a>(
    set: &mut SelectSet<'a, Turn>,
    rx: &'a Receiver<Message>,
    number: usize,
    hand: &mut Hand,
) -> usize {
    let book: Arc<Book> = hand.book.clone();
    let mut fuse = hand.dice.below(100);
    set.recv(rx, move |got| match got {
        Ok(message) => {
            book.received(message.id);
            if fuse == 1 {
                book.counts.panicked();
                deliberately();
            }
            fuse = fuse.saturating_sub(1);
            Turn::Received
        }
        Err(_) => Turn::Ended(number),
    })
}
