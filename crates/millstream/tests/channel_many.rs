//! Many values at a time: batches, drains and the plain iterators.

mod common;

use common::{now, Bell, Ledger};
use millstream::{RecvError, TryRecvError};
use std::thread;

#[test]
fn recv_many_takes_what_is_there_up_to_the_limit() {
    let (tx, rx) = millstream::bounded(8);
    for n in 1..=5 {
        tx.try_send(n).unwrap();
    }
    let mut batch = vec![0];
    assert_eq!(now(rx.recv_many(&mut batch, 3)), 3);
    assert_eq!(batch, [0, 1, 2, 3]);
    assert_eq!(now(rx.recv_many(&mut batch, 99)), 2);
    assert_eq!(batch, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn recv_many_goes_on_with_the_senders_that_wait() {
    for capacity in [0, 1, 2] {
        let (tx, rx) = millstream::bounded(capacity);
        let bells: Vec<_> = (0..5).map(|_| Bell::new()).collect();
        let mut sends: Vec<_> = (0..5).map(|n| tx.send(n)).collect();
        for (send, bell) in sends.iter_mut().zip(&bells) {
            let _ = bell.poll(send);
        }
        let mut batch = Vec::new();
        assert_eq!(now(rx.recv_many(&mut batch, 4)), 4);
        assert_eq!(batch, [0, 1, 2, 3]);
        assert_eq!(rx.try_recv(), Ok(4));
        let woken: usize = bells.iter().map(Bell::rings).sum();
        assert_eq!(woken, 5 - capacity, "each waiting sender once");
    }
}

#[test]
fn recv_many_waits_for_the_first_value_only() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        let mut batch = Vec::new();
        let mut many = rx.recv_many(&mut batch, 10);
        bell.waits(&mut many);
        for n in 0..=capacity {
            tx.try_send(n).unwrap();
        }
        assert_eq!(bell.rings(), 1, "one wake for the whole batch");
        assert_eq!(bell.gets(&mut many), capacity + 1);
        drop(many);
        assert_eq!(batch, (0..=capacity).collect::<Vec<_>>());
    }
}

#[test]
fn recv_many_of_nothing_is_0_at_once() {
    let (tx, rx) = millstream::bounded(1);
    let mut batch = Vec::new();
    assert_eq!(now(rx.recv_many(&mut batch, 0)), 0);
    tx.try_send(1).unwrap();
    assert_eq!(now(rx.recv_many(&mut batch, 0)), 0);
    assert_eq!(rx.len(), 1);
}

#[test]
fn recv_many_says_0_at_the_end() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let bell = Bell::new();
    let mut batch = Vec::new();
    let mut many = rx.recv_many(&mut batch, 9);
    bell.waits(&mut many);
    drop(tx);
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut many), 0);
    drop(many);
    assert_eq!(now(rx.recv_many(&mut batch, 9)), 0);
    assert!(batch.is_empty());
}

#[test]
fn recv_many_takes_no_value_that_another_is_committed_to() {
    let (tx, rx) = millstream::bounded(3);
    let bell = Bell::new();
    let mut committed = rx.recv();
    bell.waits(&mut committed);
    for n in 1..=3 {
        tx.try_send(n).unwrap();
    }
    let mut batch = Vec::new();
    assert_eq!(now(rx.recv_many(&mut batch, 9)), 2);
    assert_eq!(batch, [1, 2]);
    assert_eq!(bell.gets(&mut committed), Ok(3));
}

#[test]
fn send_many_sends_all_in_order() {
    let (tx, rx) = millstream::bounded(8);
    assert_eq!(now(tx.send_many(1..=5)), Ok(5));
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(now(tx.send_many(Vec::new())), Ok(0));
}

#[test]
fn send_many_pulls_an_item_only_when_there_is_a_place_for_it() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let (bell, receiver) = (Bell::new(), Bell::new());
        let pulled = std::cell::Cell::new(0);
        let mut many = tx.send_many((0..10).inspect(|_| pulled.set(pulled.get() + 1)));
        bell.waits(&mut many);
        assert_eq!(pulled.get(), capacity);
        for n in 0..10 - capacity {
            // Each receive makes one place, or at capacity 0 is one.
            let mut recv = rx.recv();
            let received = receiver.poll(&mut recv);
            assert_eq!(bell.rings(), 1);
            let done = bell.poll(&mut many).is_ready();
            assert_eq!(pulled.get(), capacity + n + 1);
            assert_eq!(done, pulled.get() == 10);
            match received {
                std::task::Poll::Ready(value) => assert_eq!(value, Ok(n)),
                std::task::Poll::Pending => assert_eq!(receiver.gets(&mut recv), Ok(n)),
            }
        }
        assert_eq!(rx.try_iter().count(), capacity);
    }
}

#[test]
fn send_many_gives_back_what_it_pulled_and_could_not_send() {
    let (tx, rx) = millstream::bounded(2);
    let bell = Bell::new();
    let mut items = 1..=5;
    let mut many = tx.send_many(&mut items);
    bell.waits(&mut many);
    drop(rx);
    assert_eq!(bell.rings(), 1);
    let error = bell.gets(&mut many).unwrap_err();
    drop(many);
    let rest: Vec<_> = error.into_inner().into_iter().chain(items).collect();
    assert_eq!(rest, [3, 4, 5]);
}

#[test]
fn send_many_into_a_closed_channel_loses_nothing() {
    let (tx, rx) = millstream::bounded(2);
    rx.close();
    let mut items = 1..=3;
    let error = now(tx.send_many(&mut items)).unwrap_err();
    let rest: Vec<_> = error.into_inner().into_iter().chain(items).collect();
    assert_eq!(rest, [1, 2, 3]);
    assert_eq!(
        now(tx.send_many([0; 0])),
        Ok(0),
        "nothing to send, nothing refused"
    );
}

#[test]
fn send_many_lets_siblings_run_however_ready_the_channel_is() {
    let (tx, rx) = millstream::unbounded();
    let bell = Bell::new();
    let mut many = tx.send_many(0..1_000_000);
    for _ in 0..3 {
        bell.waits(&mut many);
        assert_eq!(bell.rings(), 1, "it asks to be polled again");
    }
    let sent = rx.len();
    assert!((3..3000).contains(&sent), "{sent} values in three turns");
}

#[test]
fn an_iterator_that_panics_in_send_many_gives_its_place_up() {
    let (tx, rx) = millstream::bounded(1);
    let items = (0..3).map(|n| {
        if n == 1 {
            panic!("the iterator's own")
        } else {
            n
        }
    });
    let mut many = tx.send_many(items);
    let bell = Bell::new();
    bell.waits(&mut many);
    assert_eq!(rx.try_recv(), Ok(0));
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| bell.poll(&mut many)));
    assert!(polled.is_err());
    drop(many);
    assert_eq!(tx.try_send(9), Ok(()), "its place is free again");
    assert_eq!(rx.try_recv(), Ok(9));
}

#[test]
fn drain_takes_everything_that_is_there_now_in_one_step() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        let mut sends: Vec<_> = (0..5).map(|n| tx.send(n)).collect();
        for send in &mut sends {
            let _ = bell.poll(send);
        }
        let drain = rx.drain();
        assert_eq!(drain.len(), 5);
        // What comes later is not in it.
        for n in 0..capacity {
            tx.try_send(n).unwrap();
        }
        assert_eq!(drain.collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert_eq!(rx.len(), capacity);
    }
    let (_tx, rx) = millstream::bounded::<u32>(1);
    assert_eq!(rx.drain().next(), None, "it never waits");
}

#[test]
fn drain_works_from_both_ends_and_drops_what_was_not_consumed() {
    let ledger = Ledger::new();
    let (tx, rx) = millstream::unbounded();
    for number in 1..=4 {
        tx.try_send(ledger.make(number)).unwrap();
    }
    let mut drain = rx.drain();
    assert_eq!(drain.size_hint(), (4, Some(4)));
    assert!(drain.next_back().unwrap() == 4);
    assert!(drain.next().unwrap() == 1);
    drop(drain);
    assert_eq!(ledger.dropped(), [4, 1, 2, 3]);
    assert!(rx.is_empty());
}

#[test]
fn try_iter_ends_when_there_is_nothing_and_goes_on_later() {
    let (tx, rx) = millstream::bounded(4);
    tx.try_send(1).unwrap();
    let mut values = rx.try_iter();
    assert_eq!((values.next(), values.next()), (Some(1), None));
    tx.try_send(2).unwrap();
    assert_eq!((values.next(), values.next()), (Some(2), None));
}

#[test]
fn iter_blocks_until_the_end() {
    let (tx, rx) = millstream::bounded(1);
    let sender = thread::spawn(move || {
        for n in 0..100 {
            tx.send_blocking(n).unwrap();
        }
    });
    assert_eq!(rx.iter().take(10).sum::<u32>(), 45);
    let mut rest = 0;
    for n in &rx {
        rest += n;
    }
    assert_eq!(rest, (10..100).sum::<u32>());
    sender.join().unwrap();
    let mut values = rx.into_iter();
    assert_eq!((values.next(), values.next()), (None, None));
}

#[test]
fn into_iter_owns_its_receiver() {
    let (tx, rx) = millstream::bounded(2);
    tx.try_send(1).unwrap();
    let mut values = rx.into_iter();
    assert_eq!(values.next(), Some(1));
    assert!(!tx.is_closed());
    drop(values);
    assert!(tx.is_closed());
}

#[test]
fn batches_of_a_promise_have_one_value() {
    let (tx, rx) = millstream::promise();
    tx.try_send(7).unwrap();
    let mut batch = Vec::new();
    assert_eq!(now(rx.recv_many(&mut batch, 9)), 1);
    assert_eq!(rx.drain().collect::<Vec<_>>(), [7]);
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [7]);
    assert_eq!(rx.try_iter().next(), None, "once per handle as a sequence");
    assert_eq!(rx.clone().iter().collect::<Vec<_>>(), [7]);
}

#[test]
fn batches_of_an_iterator_take_what_it_says_it_has() {
    let rx = millstream::from_iter(0..5);
    let mut batch = Vec::new();
    assert_eq!(now(rx.recv_many(&mut batch, 3)), 3);
    assert_eq!(rx.drain().collect::<Vec<_>>(), [3, 4]);
    assert_eq!(now(rx.recv_many(&mut batch, 3)), 0);
    assert_eq!(batch, [0, 1, 2]);

    // One that promises nothing is asked for one at a time.
    let rx = millstream::from_iter((0..3).filter(|n| *n != 1));
    assert_eq!(now(rx.recv_many(&mut batch, 3)), 1);
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(rx.recv_blocking(), Err(RecvError));
}
