//! Selects over several channels, four producers and four consumers, and a set of receivers.

use crate::ledger::{Ledger, Order, Token};
use crate::support::{at_any_moment, draw, explore, poll_a_while, wait_for};
use millstream::{Receiver, Select, SelectSet, Sender};
use shuttle::thread;

/// What one select came to.
enum Turn {
    Sent,
    Received,
    GivenUp,
    Stopped,
}

/// One select: sends on its own channel or receives from one of all, until it is told to stop. With
/// `patience` it waits; without, it may be given up.
fn turn(
    own: &Sender<Token>,
    all: &[Receiver<Token>; 3],
    stop: &Receiver<()>,
    ledger: &Ledger,
    slot: &mut Option<Token>,
    patience: bool,
) -> Turn {
    let received = |got: Result<Token, _>| {
        ledger.received(&got.expect("the senders are there"));
        Turn::Received
    };
    let mut select = Select::new()
        .send_from(own, slot, |sent| {
            sent.expect("the receivers are there");
            ledger.sent();
            Turn::Sent
        })
        .recv(&all[0], received)
        .recv(&all[1], received)
        .recv(&all[2], received)
        .recv(stop, |_| Turn::Stopped);
    match patience {
        true => wait_for(select),
        false => poll_a_while(&mut select).unwrap_or(Turn::GivenUp),
    }
}

#[test]
fn three_selects_over_three_channels() {
    explore("three selects over three channels", || {
        let ledger = Ledger::default();
        let channels: Vec<_> = (0..3)
            .map(|_| millstream::bounded::<Token>(draw(2)))
            .collect();
        let (stop, stopped) = millstream::rendezvous::<()>();
        let mut selects = Vec::new();
        for own in 0..3 {
            let tx = channels[own].0.clone();
            let all = [0, 1, 2].map(|each| channels[each].1.clone());
            let (stopped, ledger) = (stopped.clone(), ledger.clone());
            selects.push(thread::spawn(move || {
                for number in 0.. {
                    let mut slot = Some(ledger.token(own, number));
                    match turn(&tx, &all, &stopped, &ledger, &mut slot, draw(3) > 0) {
                        Turn::Sent => assert!(slot.is_none(), "it was sent"),
                        Turn::Received => assert!(slot.is_some(), "a losing value comes back"),
                        Turn::GivenUp => {}
                        Turn::Stopped => break,
                    }
                    // The selects could go on among themselves for ever: the producers get their turn.
                    thread::yield_now();
                }
            }));
        }
        // Whatever these send on, the selects receive from: each send comes to its end.
        let producers: Vec<_> = (3..5)
            .map(|producer| {
                let txs: Vec<_> = channels.iter().map(|(tx, _)| tx.clone()).collect();
                let ledger = ledger.clone();
                thread::spawn(move || {
                    for number in 0..3 {
                        let tx = &txs[draw(3)];
                        let token = ledger.token(producer, number);
                        let sent = match draw(3) {
                            0 => poll_a_while(&mut tx.send(token)).is_some(),
                            1 => tx.send_deadline(token, at_any_moment()).is_ok(),
                            _ => wait_for(tx.send(token)).is_ok(),
                        };
                        if sent {
                            ledger.sent();
                        }
                    }
                })
            })
            .collect();
        for producer in producers {
            producer.join().unwrap();
        }
        drop(stop);
        for select in selects {
            select.join().unwrap();
        }
        for (tx, rx) in channels {
            drop(tx);
            for token in rx {
                ledger.received(&token);
            }
        }
        ledger.settle(0);
    });
}

/// Sends one value in one of the ways there are; whether it was certainly sent.
fn send_somehow(tx: &Sender<Token>, token: Token) -> bool {
    match draw(6) {
        0 => poll_a_while(&mut tx.send(token)).is_some_and(|sent| sent.is_ok()),
        1 => tx.send_deadline(token, at_any_moment()).is_ok(),
        2 => tx.try_send(token).is_ok(),
        3 => match poll_a_while(&mut tx.reserve()) {
            Some(Ok(permit)) => permit.send(token).is_ok(),
            _ => false,
        },
        4 => match wait_for(tx.reserve()) {
            Ok(permit) if draw(2) == 0 => permit.send(token).is_ok(),
            permit => {
                drop(permit);
                false
            }
        },
        _ => wait_for(tx.send(token)).is_ok(),
    }
}

/// Receives in one of the ways there are; `false` at the end of the channel.
fn receive_somehow(rx: &Receiver<Token>, mut each: impl FnMut(Token)) -> bool {
    match draw(6) {
        0 => poll_a_while(&mut rx.recv()).is_none_or(|got| got.map(&mut each).is_ok()),
        1 => match rx.recv_deadline(at_any_moment()) {
            Ok(token) => {
                each(token);
                true
            }
            Err(error) => error == millstream::RecvTimeoutError::Timeout,
        },
        2 => match wait_for(rx.claim()) {
            Ok(claim) if draw(2) == 0 => {
                each(claim.take());
                true
            }
            claim => claim.is_ok(),
        },
        3 => {
            let mut some = Vec::new();
            let count = millstream::block_on(rx.recv_many(&mut some, 2));
            some.into_iter().for_each(each);
            count > 0
        }
        _ => wait_for(rx.recv()).map(each).is_ok(),
    }
}

/// Four producers and four consumers; `quitting` consumers leave early, and with the last what is inside.
fn four_by_four(quitting: bool) {
    let ledger = Ledger::default();
    let (tx, rx) = millstream::bounded::<Token>(draw(3));
    let producers: Vec<_> = (0..4)
        .map(|producer| {
            let (tx, ledger) = (tx.clone(), ledger.clone());
            thread::spawn(move || {
                for number in 0..3 {
                    if send_somehow(&tx, ledger.token(producer, number)) {
                        ledger.sent();
                    }
                }
            })
        })
        .collect();
    drop(tx);
    let consumers: Vec<_> = (0..4)
        .map(|_| {
            let (rx, ledger) = (rx.clone(), ledger.clone());
            thread::spawn(move || {
                let mut order = Order::default();
                let mut patience = if quitting { draw(4) } else { usize::MAX };
                while patience > 0
                    && receive_somehow(&rx, |token| {
                        ledger.received(&token);
                        order.check(&token);
                    })
                {
                    patience -= 1;
                }
            })
        })
        .collect();
    drop(rx);
    for thread in producers.into_iter().chain(consumers) {
        thread.join().unwrap();
    }
    ledger.settle(if quitting { 12 } else { 0 });
}

#[test]
fn four_producers_and_four_consumers() {
    explore("four producers and four consumers", || four_by_four(false));
}

#[test]
fn four_producers_and_four_consumers_that_leave() {
    explore("four consumers that leave", || four_by_four(true));
}

#[test]
fn a_select_set_and_four_producers() {
    explore("a select set and four producers", || {
        let ledger = Ledger::default();
        let mut set = SelectSet::new();
        let mut producers = Vec::new();
        let mut receivers = Vec::new();
        for producer in 0..4 {
            let (tx, rx) = millstream::bounded::<Token>(draw(3));
            receivers.push(rx.clone());
            set.recv(rx, |got| got.ok());
            let ledger = ledger.clone();
            producers.push(thread::spawn(move || {
                for number in 0..3 {
                    if send_somehow(&tx, ledger.token(producer, number)) {
                        ledger.sent();
                    }
                }
            }));
        }
        // Somebody else now and then receives from the same channels.
        let other = thread::spawn({
            let ledger = ledger.clone();
            move || {
                for _ in 0..2 {
                    let rx = &receivers[draw(4)];
                    if let Ok(token) = rx.recv_deadline(at_any_moment()) {
                        ledger.received(&token);
                    }
                }
            }
        });
        let mut order = Order::default();
        while !set.is_empty() {
            // Given up at times, and then left alone for a while.
            let next = match draw(3) {
                0 => poll_a_while(&mut set.next()),
                _ => Some(wait_for(set.next())),
            };
            if let Some(Some(Some(token))) = next {
                ledger.received(&token);
                order.check(&token);
            }
        }
        drop(set);
        for thread in producers {
            thread.join().unwrap();
        }
        other.join().unwrap();
        ledger.settle(0);
    });
}
