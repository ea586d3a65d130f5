//! A waker that is changed while its operation is being committed: the new one is called, or the poll is ready.

use crate::support::{explore, poll_once, start_waiting, Counter};
use loom::thread;
use millstream::{Select, SelectSet};
use std::future::Future;
use std::task::Poll;

/// `future` waits under one waker and is polled with another while `commit` runs. Yields what it is ready with.
fn change_waker<F: Future + Unpin>(
    future: &mut F,
    commit: impl FnOnce() + Send + 'static,
) -> F::Output {
    let old = start_waiting(future);
    let new = Counter::new();
    let thread = thread::spawn(commit);
    let polled = poll_once(future, &new);
    thread.join().unwrap();
    match polled {
        Poll::Ready(output) => output,
        Poll::Pending => {
            assert_eq!(
                new.wakes(),
                1,
                "the old one was woken {} times",
                old.wakes()
            );
            match poll_once(future, &new) {
                Poll::Ready(output) => output,
                Poll::Pending => panic!("it was woken for nothing"),
            }
        }
    }
}

#[test]
fn of_a_receive() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let commit = move || tx.try_send(7).unwrap();
        assert_eq!(change_waker(&mut rx.recv(), commit), Ok(7));
    });
}

#[test]
fn of_a_receive_that_is_told_of_the_end() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous::<u32>();
        assert!(change_waker(&mut rx.recv(), move || drop(tx)).is_err());
    });
}

#[test]
fn of_a_send() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let keep = rx.clone();
        let commit = move || assert_eq!(rx.try_recv(), Ok(7));
        assert_eq!(change_waker(&mut tx.send(7), commit), Ok(()));
        drop(keep);
    });
}

#[test]
fn of_a_reservation() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        tx.try_send(1).unwrap();
        let keep = rx.clone();
        let commit = move || assert_eq!(rx.try_recv(), Ok(1));
        let permit = change_waker(&mut tx.reserve(), commit).unwrap();
        permit.send(2).unwrap();
        assert_eq!(keep.try_recv(), Ok(2));
    });
}

#[test]
fn of_a_wait_for_the_close() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous::<u32>();
        change_waker(&mut tx.closed(), move || drop(rx));
    });
}

#[test]
fn of_a_wait_for_the_end() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        tx.try_send(7).unwrap();
        drop(tx);
        let other = rx.clone();
        change_waker(&mut rx.drained(), move || {
            assert_eq!(other.try_recv(), Ok(7));
        });
    });
}

#[test]
fn of_a_select() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous::<u32>();
        let (to_b, _b) = millstream::rendezvous::<u32>();
        let mut select = Select::new()
            .recv(&from_a, |got| got)
            .send(&to_b, 1, |sent| panic!("nobody receives: {sent:?}"));
        let commit = move || a.try_send(7).unwrap();
        assert_eq!(change_waker(&mut select, commit), Ok(7));
    });
}

#[test]
fn of_a_select_set() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous::<u32>();
        let mut set = SelectSet::new();
        set.recv(&from_a, |got| got);
        let commit = move || a.try_send(7).unwrap();
        assert_eq!(change_waker(&mut set.next(), commit), Some(Ok(7)));
    });
}
