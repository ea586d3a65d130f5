//! Topics whose subscribers come and go while they run.

use crate::ledger::{Ledger, Token};
use crate::support::{draw, explore_times};
use crate::tee::{any, patient, receive_all, receive_some, send_all};
use millstream::hub::Topics;
use shuttle::thread;
use std::sync::Arc;

/// How many schedules of each kind are run.
const SCHEDULES: usize = 6_000;

#[test]
fn subscribers_that_come_and_go() {
    explore_times("subscribers that come and go", SCHEDULES, || {
        let ledger = Ledger::default();
        let (tx, rx) = millstream::bounded(draw(3));
        let (topics, driver) = Topics::with_driver(rx, |token: &Arc<Token>| token.number % 2);
        let steady = [0, 1].map(|topic| topics.subscribe(topic, patient()));
        let driving = thread::spawn(move || millstream::block_on(driver));
        let topics = Arc::new(topics);
        let passing: Vec<_> = (0..2)
            .map(|_| {
                let topics = topics.clone();
                thread::spawn(move || {
                    let mut kept = Vec::new();
                    for _ in 0..=draw(2) {
                        // The last of the topics gets no values.
                        let topic = draw(3);
                        kept.extend(receive_some(topics.subscribe(topic, any())));
                        if draw(4) == 0 {
                            topics.unsubscribe_all(2);
                        }
                    }
                    kept
                })
            })
            .collect();
        drop(topics);
        let sender = thread::spawn({
            let ledger = ledger.clone();
            move || send_all(&tx, &ledger)
        });
        let [even, odd] = steady.map(|rx| thread::spawn(move || receive_all(&rx)));
        assert_eq!(even.join().unwrap(), [0, 2], "all of its topic");
        assert_eq!(odd.join().unwrap(), [1, 3], "all of its topic");
        sender.join().unwrap();
        for thread in passing {
            drop(thread.join().unwrap());
        }
        driving.join().unwrap();
        ledger.settle(0);
    });
}

#[test]
fn topics_that_everybody_has_left_end() {
    explore_times("topics that are left", SCHEDULES, || {
        let ledger = Ledger::default();
        let (tx, rx) = millstream::bounded(draw(2));
        let (topics, driver) = Topics::with_driver(rx, |token: &Arc<Token>| token.number % 2);
        let threads: Vec<_> = (0..2)
            .map(|topic| {
                let rx = topics.subscribe(topic, any());
                thread::spawn(move || receive_some(rx))
            })
            .collect();
        drop(topics);
        let driving = thread::spawn(move || millstream::block_on(driver));
        send_all(&tx, &ledger);
        millstream::block_on(tx.closed());
        driving.join().unwrap();
        for thread in threads {
            drop(thread.join().unwrap());
        }
        ledger.settle(0);
    });
}
