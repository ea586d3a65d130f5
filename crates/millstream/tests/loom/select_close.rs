//! A select and the end of its channels: it is told of it, once, and its values come back.

use crate::support::{explore, start_waiting, Ledger};
use loom::future::block_on;
use loom::thread;
use millstream::{RecvError, Select, SendError};

#[test]
fn the_end_of_a_channel_commits_an_arm() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous::<u32>();
        let (b, from_b) = millstream::rendezvous::<u32>();
        let closer = thread::spawn(move || drop(a));
        let sender = thread::spawn(move || b.send_blocking(2).is_ok());
        let got = Select::new()
            .recv(&from_a, |got| got)
            .recv(&from_b, |got| got)
            .wait();
        assert!(matches!(got, Ok(2) | Err(RecvError)), "{got:?}");
        drop(from_b);
        assert_eq!(sender.join().unwrap(), got.is_ok());
        closer.join().unwrap();
    });
}

#[test]
fn a_send_arm_without_a_receiver_gives_its_value_back() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (b, from_b) = millstream::rendezvous::<u32>();
        let (ledger, token) = Ledger::new();
        let receiver = thread::spawn(move || drop(from_a));
        let sender = thread::spawn(move || b.send_blocking(2).is_ok());
        let mut slot = Some(token);
        let refused = Select::new()
            .send_from(&a, &mut slot, |sent| match sent {
                Err(SendError(token)) => Some(token),
                Ok(()) => panic!("nobody receives"),
            })
            .recv(&from_b, |got| {
                got.unwrap();
                None
            })
            .wait();
        drop(from_b);
        assert_eq!(sender.join().unwrap(), refused.is_none());
        assert_eq!(slot.is_some(), refused.is_none());
        assert_eq!(ledger.drops(), 0, "it is here or there");
        receiver.join().unwrap();
    });
}

/// A send arm that waits when its channel closes is still good, as a plain send is.
#[test]
fn a_send_arm_that_waits_stays_good_after_a_close() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (_b, from_b) = millstream::rendezvous::<u32>();
        let mut select = Select::new()
            .send(&a, 7, |sent| sent.is_ok())
            .recv(&from_b, |_| false);
        start_waiting(&mut select);
        let closer = thread::spawn({
            let a = a.clone();
            move || a.close()
        });
        let receiver = thread::spawn(move || (from_a.recv_blocking(), from_a.recv_blocking()));
        assert!(block_on(select));
        closer.join().unwrap();
        assert_eq!(receiver.join().unwrap(), (Ok(7), Err(RecvError)));
    });
}

/// The end comes when a select leaves the channel that its send arm held open.
#[test]
fn the_end_comes_when_a_waiting_send_arm_leaves() {
    explore(|| {
        let (a, from_a) = millstream::bounded(1);
        let (_b, from_b) = millstream::rendezvous::<u32>();
        a.try_send(1).unwrap();
        let mut select = Select::new().send(&a, 2, |_| ()).recv(&from_b, |_| ());
        start_waiting(&mut select);
        a.close();
        let receiver = thread::spawn(move || {
            let first = from_a.recv_blocking();
            (first, from_a.recv_blocking())
        });
        drop(select);
        let (first, second) = receiver.join().unwrap();
        assert_eq!(first, Ok(1));
        assert!(matches!(second, Ok(2) | Err(RecvError)), "{second:?}");
    });
}

/// A select has both ends of one channel, which closes: its send is still good, for anybody but itself.
#[test]
fn a_select_with_both_ends_of_a_closed_channel_waits_for_another_receiver() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous::<u32>();
        let mut select = Select::new()
            .recv(&rx, |_| false)
            .send(&tx, 7, |sent| sent.is_ok());
        start_waiting(&mut select);
        let closer = thread::spawn({
            let tx = tx.clone();
            move || tx.close()
        });
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || (rx.recv_blocking(), rx.recv_blocking())
        });
        assert!(block_on(select), "it was received");
        assert!(closer.join().unwrap());
        assert_eq!(receiver.join().unwrap(), (Ok(7), Err(RecvError)));
    });
}

#[test]
fn a_select_is_told_of_the_close_or_gets_the_last_value() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let sender = thread::spawn({
            let tx = tx.clone();
            move || tx.try_send(7).is_ok()
        });
        let closer = thread::spawn({
            let rx = rx.clone();
            move || rx.close()
        });
        let got = Select::new()
            .arm(tx.closed(), |()| None)
            .recv(&rx, |got| got.ok())
            .wait();
        assert!(closer.join().unwrap());
        let sent = sender.join().unwrap();
        let left = rx.try_recv().ok();
        assert_eq!(got.or(left), sent.then_some(7));
    });
}
