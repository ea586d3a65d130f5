//! A select and the time: either an arm was committed before the time came, or nobody met the select.

use crate::support::{explore, poll_once, start_waiting, Counter};
use loom::thread;
use millstream::runtime::{enter, Manual};
use millstream::{Select, TryRecvError};
use std::task::Poll;
use std::time::Duration;

const DELAY: Duration = Duration::from_secs(1);

#[test]
fn a_value_races_the_time() {
    explore(|| {
        let mut manual = Manual::new();
        let (tx, rx) = millstream::rendezvous::<u32>();
        let mut select = Select::new()
            .recv(&rx, |got| got.ok())
            .after(DELAY, || None);
        let entered = enter(manual.handle());
        start_waiting(&mut select);
        drop(entered);
        let sender = thread::spawn(move || (tx.try_send(7).is_ok(), tx));
        manual.advance(DELAY);
        let Poll::Ready(got) = poll_once(&mut select, &Counter::new()) else {
            panic!("the time has come");
        };
        let (sent, _tx) = sender.join().unwrap();
        assert_eq!(got, sent.then_some(7));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn a_receiver_races_the_time() {
    explore(|| {
        let mut manual = Manual::new();
        let (tx, rx) = millstream::rendezvous::<u32>();
        let mut slot = Some(7);
        let mut select = Select::new()
            .send_from(&tx, &mut slot, |sent| sent.is_ok())
            .after(DELAY, || false);
        let entered = enter(manual.handle());
        start_waiting(&mut select);
        drop(entered);
        let receiver = thread::spawn(move || rx.try_recv().ok());
        manual.advance(DELAY);
        let Poll::Ready(sent) = poll_once(&mut select, &Counter::new()) else {
            panic!("the time has come");
        };
        drop(select);
        let received = receiver.join().unwrap();
        assert_eq!(received, sent.then_some(7));
        assert_eq!(slot, (!sent).then_some(7), "a losing value comes back");
    });
}
