//! Waiting on a thread: `block_on` and what it promises about wake-ups.

mod common;

use common::within;
use std::future::{poll_fn, Future};
use std::panic::catch_unwind;
use std::pin::pin;
use std::sync::mpsc::channel;
use std::task::Poll;
use std::thread;

#[test]
fn it_sleeps_until_it_is_woken_from_another_thread() {
    within(|| {
        let (tell, told) = channel();
        let waker_thread = thread::spawn(move || {
            for waker in told {
                let waker: std::task::Waker = waker;
                waker.wake();
            }
        });
        let mut polls = 0;
        millstream::block_on(poll_fn(|context| {
            polls += 1;
            if polls > 1000 {
                return Poll::Ready(());
            }
            tell.send(context.waker().clone()).unwrap();
            Poll::Pending
        }));
        drop(tell);
        waker_thread.join().unwrap();
        assert_eq!(polls, 1001);
    });
}

#[test]
fn a_wake_up_during_the_poll_is_not_lost() {
    within(|| {
        let mut polls = 0;
        millstream::block_on(poll_fn(|context| {
            polls += 1;
            context.waker().wake_by_ref();
            if polls < 100 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        }));
    });
}

#[test]
fn waiting_inside_a_wait_swallows_no_wake_up_of_the_outer_one() {
    within(|| {
        let (outer, from_outer) = millstream::bounded(1);
        let (inner, from_inner) = millstream::bounded(1);
        let mut recv = pin!(from_outer.recv());
        let mut is_first = true;
        let got = millstream::block_on(poll_fn(|context| {
            let polled = recv.as_mut().poll(context);
            if std::mem::take(&mut is_first) {
                assert!(polled.is_pending());
                // Both values come while this thread waits for the second one only.
                let (outer, inner) = (outer.clone(), inner.clone());
                let sender = thread::spawn(move || {
                    outer.send_blocking("outer").unwrap();
                    inner.send_blocking("inner").unwrap();
                });
                assert_eq!(from_inner.recv_blocking(), Ok("inner"));
                sender.join().unwrap();
            }
            polled
        }));
        assert_eq!(got, Ok("outer"));
    });
}

#[test]
fn a_wake_up_that_comes_late_disturbs_no_later_wait() {
    within(|| {
        let mut late = None;
        millstream::block_on(poll_fn(|context| {
            late = Some(context.waker().clone());
            Poll::Ready(())
        }));
        late.unwrap().wake();
        let (tx, rx) = millstream::rendezvous();
        let sender = thread::spawn(move || tx.send_blocking(1));
        assert_eq!(rx.recv_blocking(), Ok(1));
        sender.join().unwrap().unwrap();
    });
}

#[test]
fn a_panic_of_the_future_comes_out() {
    let panic = catch_unwind(|| millstream::block_on(async { panic!("the future's own") }));
    assert_eq!(common::panic_text(panic.unwrap_err()), "the future's own");
    assert_eq!(
        millstream::block_on(async { 1 }),
        1,
        "and the thread can wait again"
    );
}
