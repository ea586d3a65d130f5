//! Any number of selects over any number of channels, all of them both sending and receiving, until everything is done.

use crate::ledger::{Ledger, Order, Token};
use crate::support::{at_any_moment, draw, explore_times, poll_a_while, wait_for};
use millstream::{Receiver, Select, SelectSet, Sender};
use shuttle::thread;

/// How many schedules of each kind are run.
const SCHEDULES: usize = 8_000;

/// What one select came to.
enum Turn {
    Sent,
    Received(Token),
    Nothing,
}

/// One select of a member: its own value to any of `txs`, or a value from any of `rxs`.
fn turn(txs: &[Sender<Token>], rxs: &[Receiver<Token>], slot: &mut Option<Token>) -> Turn {
    let to = &txs[draw(txs.len())];
    let received = |_, got: Result<Token, _>| got.map_or(Turn::Nothing, Turn::Received);
    let patience = draw(3);
    let select = Select::new().send_from(to, slot, |sent| {
        sent.expect("the receivers are there");
        Turn::Sent
    });
    match patience {
        // Given up after some polls, or at a time that comes at any moment.
        0 => poll_a_while(&mut select.recv_each(rxs, received)).unwrap_or(Turn::Nothing),
        1 => select
            .recv_each(rxs, received)
            .default(|| Turn::Nothing)
            .wait(),
        _ => {
            // Somebody must be there to meet: if all wait, the rendezvous of two of them are possible.
            let mut select = select.recv_each(rxs, received);
            poll_a_while(&mut select).unwrap_or(Turn::Nothing)
        }
    }
}

#[test]
fn any_number_of_selects_over_any_number_of_channels() {
    explore_times("n selects over m channels", SCHEDULES, || {
        let ledger = Ledger::default();
        let (members, channels) = (2 + draw(3), 1 + draw(3));
        let (txs, rxs): (Vec<_>, Vec<_>) = (0..channels)
            .map(|_| millstream::bounded::<Token>(draw(3)))
            .unzip();
        let threads: Vec<_> = (0..members)
            .map(|member| {
                let (txs, rxs, ledger) = (txs.clone(), rxs.clone(), ledger.clone());
                thread::spawn(move || {
                    for number in 0..3 {
                        let mut slot = Some(ledger.token(member, number));
                        match turn(&txs, &rxs, &mut slot) {
                            Turn::Sent => {
                                assert!(slot.is_none(), "it was sent");
                                ledger.sent();
                            }
                            Turn::Received(token) => {
                                assert!(slot.is_some(), "a losing value comes back");
                                ledger.received(&token);
                            }
                            // One that was dropped may have been taken before.
                            Turn::Nothing if slot.is_none() => ledger.sent(),
                            Turn::Nothing => {}
                        }
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        drop(txs);
        for rx in rxs {
            for token in rx {
                ledger.received(&token);
            }
        }
        ledger.settle(0);
    });
}

#[test]
fn selects_that_must_meet_although_another_gives_up() {
    explore_times("selects that must meet", SCHEDULES, || {
        // Each of two members offers a value on one rendezvous and wants one from the other; nobody gives up, so one
        // of the two meetings has to happen in every round. A third one disturbs them with selects that it drops.
        let (a, from_a) = millstream::rendezvous::<usize>();
        let (b, from_b) = millstream::rendezvous::<usize>();
        let rest = from_b.clone();
        let disturber = thread::spawn({
            let (a, from_b) = (a.clone(), from_b.clone());
            move || {
                let mut lent = Some(99);
                let taken = poll_a_while(
                    &mut Select::new()
                        .send_from(&a, &mut lent, |_| None)
                        .recv(&from_b, |got| got.ok()),
                );
                (lent.is_none(), taken.flatten().is_some())
            }
        });
        let other = thread::spawn(move || {
            let select = Select::new()
                .send(&a, 1, |sent| (sent.is_ok(), None))
                .recv(&from_b, |got| (false, got.ok()));
            wait_for(select)
        });
        let mine = wait_for(Select::new().recv(&from_a, |got| (false, got.ok())).send(
            &b,
            2,
            |sent| (sent.is_ok(), None),
        ));
        let (lent, taken) = disturber.join().unwrap();
        // If the disturber was met in the place of the other, that one is let go by the end of the channels.
        drop((from_a, b));
        let theirs = other.join().unwrap();
        let sent = [mine.0, theirs.0, lent]
            .iter()
            .filter(|sent| **sent)
            .count();
        let got = [mine.1.is_some(), theirs.1.is_some(), taken];
        let got = got.iter().filter(|got| **got).count();
        // Who had been matched with a value and dropped its select left it there.
        assert_eq!(sent, got + rest.drain().count(), "each value met one");
        assert!(mine.0 || mine.1.is_some(), "mine met somebody");
    });
}

#[test]
fn sets_that_are_dropped_and_made_again() {
    explore_times("sets made again", SCHEDULES, || {
        let ledger = Ledger::default();
        let (txs, rxs): (Vec<_>, Vec<_>) = (0..2)
            .map(|_| millstream::bounded::<Token>(draw(2)))
            .unzip();
        let producers: Vec<_> = txs
            .into_iter()
            .enumerate()
            .map(|(producer, tx)| {
                let ledger = ledger.clone();
                thread::spawn(move || {
                    for number in 0..3 {
                        if tx.send_blocking(ledger.token(producer, number)).is_ok() {
                            ledger.sent();
                        }
                    }
                })
            })
            .collect();
        let consumers: Vec<_> = (0..2)
            .map(|_| {
                let (rxs, ledger) = (rxs.clone(), ledger.clone());
                thread::spawn(move || {
                    let mut order = Order::default();
                    let mut ended = [false; 2];
                    while ended.contains(&false) {
                        let mut set = SelectSet::new();
                        for (number, rx) in rxs.iter().enumerate().filter(|(n, _)| !ended[*n]) {
                            set.recv(rx, move |got| (number, got));
                        }
                        for _ in 0..=draw(3) {
                            let next = match draw(2) {
                                0 => poll_a_while(&mut set.next()),
                                _ => Some(wait_for(set.next())),
                            };
                            match next {
                                Some(Some((_, Ok(token)))) => {
                                    ledger.received(&token);
                                    order.check(&token);
                                }
                                Some(Some((number, Err(_)))) => ended[number] = true,
                                Some(None) => break,
                                None => {}
                            }
                        }
                        // Between two sets a value may be taken in another way.
                        if let Ok(token) = rxs[draw(2)].recv_deadline(at_any_moment()) {
                            ledger.received(&token);
                        }
                    }
                })
            })
            .collect();
        drop(rxs);
        for thread in producers.into_iter().chain(consumers) {
            thread.join().unwrap();
        }
        ledger.settle(0);
    });
}
