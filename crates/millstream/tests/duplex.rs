//! Duplex pairs: in step, cancel-safe, and each way of ending an end is seen for what it is.

mod common;

use common::{panic_text, within, Bell, Ledger};
use futures_core::{FusedStream, Stream};
use millstream::duplex::{duplex, End, Ended, SendFailure};
use millstream::runtime::{self, Manual};
use std::error::Error;
use std::fmt::Write as _;
use std::future::{poll_fn, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

#[test]
fn a_send_returns_when_the_peer_asks_for_the_next() {
    for receiver_first in [false, true] {
        let (mut a, mut b) = duplex::<u32, ()>();
        let (sender, receiver) = (Bell::new(), Bell::new());
        let mut send;
        if receiver_first {
            let mut recv = b.recv();
            receiver.waits(&mut recv);
            send = a.send(1);
            sender.waits(&mut send);
            assert_eq!(receiver.rings(), 1);
            assert_eq!(receiver.gets(&mut recv).unwrap(), 1);
        } else {
            send = a.send(1);
            sender.waits(&mut send);
            assert_eq!(receiver.gets(&mut b.recv()).unwrap(), 1);
        }
        sender.waits(&mut send);
        assert_eq!(sender.rings(), 0, "taken is not dealt with");
        receiver.waits(&mut b.recv());
        assert_eq!(sender.rings(), 1);
        sender.gets(&mut send).unwrap();
        assert_eq!((sender.held(), receiver.held()), (0, 0));
    }
}

#[test]
fn what_the_peer_sends_or_its_close_is_asking_too() {
    let (mut a, mut b) = duplex::<u32, u32>();
    let (bell, other) = (Bell::new(), Bell::new());
    let mut send = a.send(1);
    bell.waits(&mut send);
    assert_eq!(other.gets(&mut b.recv()).unwrap(), 1);
    let mut answer = b.send(2);
    other.waits(&mut answer);
    assert_eq!(bell.rings(), 1);
    bell.gets(&mut send).unwrap();
    drop(send);
    assert_eq!(bell.gets(&mut a.recv()).unwrap(), 2);
    let mut send = a.send(3);
    bell.waits(&mut send);
    other.gets(&mut answer).unwrap();
    drop(answer);
    assert_eq!(other.gets(&mut b.recv()).unwrap(), 3);
    b.close();
    assert_eq!(bell.rings(), 1);
    bell.gets(&mut send).unwrap();
}

/// The second example of sav.channels: letters and numbers take turns, in a fixed order.
#[test]
fn letters_and_numbers_take_turns() {
    for numbers_first in [false, true] {
        let (mut letters, mut numbers) = duplex::<char, u32>();
        let log = Arc::new(Mutex::new(String::new()));
        let mut manual = Manual::new();
        let (from_letters, from_numbers) = (log.clone(), log.clone());
        let one = async move {
            for letter in ['A', 'B', 'C'] {
                letters.send(letter).await.unwrap();
                let number = letters.recv().await.unwrap();
                write!(from_letters.lock().unwrap(), "{number} ").unwrap();
            }
            letters.close();
        };
        let two = async move {
            let mut next = 0;
            while let Ok(letter) = numbers.recv().await {
                write!(from_numbers.lock().unwrap(), "{letter} ").unwrap();
                numbers.send(next).await.unwrap();
                next += 1;
            }
            assert!(numbers.peer_ended().unwrap().is_closed());
        };
        if numbers_first {
            manual.spawn(two);
            manual.spawn(one);
        } else {
            manual.spawn(one);
            manual.spawn(two);
        }
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 0);
        assert_eq!(*log.lock().unwrap(), "A 0 B 1 C 2 ");
    }
}

/// A way for an end to go, and what its peer must see.
type WayToEnd<S, R> = (fn(End<S, R>), &'static str);

fn ways_to_end<S, R>() -> [WayToEnd<S, R>; 4] {
    [
        (|end| end.close(), "Closed"),
        (drop, "Abandoned"),
        (|end| end.fail("disk full"), "disk full"),
        (
            |end| {
                let panicked = catch_unwind(AssertUnwindSafe(|| {
                    let _end = end;
                    panic!("on purpose");
                }));
                assert_eq!(panic_text(panicked.unwrap_err()), "on purpose");
            },
            "Abandoned",
        ),
    ]
}

fn seen(ended: &Ended) -> String {
    match ended {
        Ended::Failed(error) => error.to_string(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_waiting_receive_sees_how_the_peer_went() {
    for (end, expected) in ways_to_end() {
        let (mut a, b) = duplex::<u32, u32>();
        let bell = Bell::new();
        let mut recv = a.recv();
        bell.waits(&mut recv);
        end(b);
        assert_eq!(bell.rings(), 1);
        assert_eq!(seen(&bell.gets(&mut recv).unwrap_err()), expected);
        drop(recv);
        assert_eq!(seen(&bell.gets(&mut a.recv()).unwrap_err()), expected);
        assert_eq!(seen(&a.peer_ended().unwrap()), expected);
        assert_eq!(bell.held(), 0);
    }
}

#[test]
fn a_send_that_was_not_taken_gives_its_value_back() {
    for (end, expected) in ways_to_end() {
        let (mut a, b) = duplex::<String, u32>();
        let bell = Bell::new();
        let mut send = a.send("value".to_string());
        bell.waits(&mut send);
        end(b);
        assert_eq!(bell.rings(), 1);
        let failure = bell.gets(&mut send).unwrap_err();
        assert_eq!(seen(failure.ended().unwrap()), expected);
        assert_eq!(failure.into_inner().as_deref(), Some("value"));
        drop(send);
        // And one that comes later.
        let failure = bell.gets(&mut a.send("late".to_string())).unwrap_err();
        assert_eq!(seen(failure.ended().unwrap()), expected);
        assert_eq!(failure.into_inner().as_deref(), Some("late"));
        assert_eq!(bell.held(), 0);
    }
}

#[test]
fn a_send_that_was_taken_learns_whether_it_was_dealt_with() {
    for (end, expected) in ways_to_end() {
        let (mut a, mut b) = duplex::<u32, u32>();
        let bell = Bell::new();
        let mut send = a.send(1);
        bell.waits(&mut send);
        assert_eq!(Bell::new().gets(&mut b.recv()).unwrap(), 1);
        end(b);
        assert_eq!(bell.rings(), 1);
        match (bell.gets(&mut send), expected) {
            (Ok(()), "Closed") => {}
            (Err(SendFailure::Unanswered(ended)), expected) => assert_eq!(seen(&ended), expected),
            (other, expected) => panic!("{other:?} and not {expected}"),
        }
        assert_eq!(bell.held(), 0);
    }
}

#[test]
fn an_error_has_its_source_and_stays() {
    let (mut a, b) = duplex::<(), ()>();
    b.fail(std::io::Error::other("the cause"));
    for _ in 0..3 {
        let ended = millstream::block_on(a.recv()).unwrap_err();
        assert_eq!(ended.source().unwrap().to_string(), "the cause");
        assert!(ended
            .error()
            .unwrap()
            .downcast_ref::<std::io::Error>()
            .is_some());
    }
    let failure = millstream::block_on(a.send(())).unwrap_err();
    assert_eq!(failure.source().unwrap().to_string(), "the cause");
}

#[test]
fn sends_that_face_each_other_do_not_hang() {
    let (mut a, mut b) = duplex::<u32, u32>();
    let bell = Bell::new();
    let mut first = a.send(1);
    bell.waits(&mut first);
    let failure = Bell::new().gets(&mut b.send(2)).unwrap_err();
    assert!(failure.is_crossed());
    assert_eq!(failure.into_inner(), Some(2));
    // Nothing is broken: it receives, and sends again.
    assert_eq!(Bell::new().gets(&mut b.recv()).unwrap(), 1);
    let mut second = b.send(2);
    Bell::new().waits(&mut second);
    bell.gets(&mut first).unwrap();
    drop(first);
    assert_eq!(bell.gets(&mut a.recv()).unwrap(), 2);
}

#[test]
fn a_receive_that_is_given_up_again_and_again_loses_nothing() {
    let (mut a, mut b) = duplex::<u32, ()>();
    let (bell, other) = (Bell::new(), Bell::new());
    for n in 0..20 {
        for _ in 0..3 {
            let mut recv = b.recv();
            bell.waits(&mut recv);
            drop(recv);
            assert_eq!(bell.held(), 0);
        }
        let mut recv = b.recv();
        bell.waits(&mut recv);
        let mut send = a.send(n);
        other.waits(&mut send);
        // Told of the value, and dropped before it took it.
        drop(recv);
        assert_eq!(bell.gets(&mut b.recv()).unwrap(), n);
        bell.waits(&mut b.recv());
        other.gets(&mut send).unwrap();
    }
}

#[test]
fn a_send_that_is_given_up_was_sent_or_not() {
    let ledger = Ledger::new();
    let (mut a, mut b) = duplex();
    let bell = Bell::new();
    let mut send = a.send(ledger.make(1));
    bell.waits(&mut send);
    drop(send);
    assert_eq!(ledger.dropped(), [1], "not taken, not sent");
    drop(a.send(ledger.make(2)));
    assert_eq!(ledger.dropped(), [1, 2], "not even polled");
    bell.waits(&mut b.recv());
    let mut send = a.send(ledger.make(3));
    bell.waits(&mut send);
    let taken = Bell::new().gets(&mut b.recv()).unwrap();
    drop(send);
    assert_eq!((taken.number, bell.held()), (3, 0));
    // The next send is not done when the last one is.
    let mut send = a.send(ledger.make(4));
    bell.waits(&mut send);
    let next = Bell::new().gets(&mut b.recv()).unwrap();
    bell.waits(&mut send);
    b.send(()).now_or_never();
    bell.gets(&mut send).unwrap();
    drop(send);
    drop((taken, next, a, b));
    assert_eq!(ledger.dropped(), [1, 2, 3, 4]);
}

/// Polls once.
trait NowOrNever: Future + Sized + Unpin {
    fn now_or_never(mut self) -> Option<Self::Output> {
        match Bell::new().poll(&mut self) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }
}

impl<F: Future + Unpin> NowOrNever for F {}

#[test]
fn a_send_that_was_leaked_is_received_before_the_next() {
    let (mut a, mut b) = duplex::<u32, ()>();
    let bell = Bell::new();
    let mut leaked = a.send(1);
    bell.waits(&mut leaked);
    std::mem::forget(leaked);
    let mut send = a.send(2);
    bell.waits(&mut send);
    assert_eq!(Bell::new().gets(&mut b.recv()).unwrap(), 1);
    let other = Bell::new();
    let mut recv = b.recv();
    other.waits(&mut recv);
    assert_eq!(bell.rings(), 1);
    bell.waits(&mut send);
    assert_eq!(other.rings(), 1);
    assert_eq!(other.gets(&mut recv).unwrap(), 2);
}

#[test]
fn as_a_stream_a_cut_off_does_not_look_like_an_end() {
    for (end, expected) in ways_to_end::<u32, ()>() {
        let (mut a, b) = duplex::<(), u32>();
        let mut manual = Manual::new();
        manual.spawn(async move {
            let mut b = b;
            for n in 0..3 {
                b.send(n).await.unwrap();
            }
            end(b);
        });
        let items = manual.block_on(async move {
            let mut items = Vec::new();
            while let Some(item) = poll_fn(|context| Pin::new(&mut a).poll_next(context)).await {
                items.push(item.map_err(|ended| seen(&ended)));
            }
            assert!(a.is_terminated());
            assert!(poll_fn(|context| Pin::new(&mut a).poll_next(context))
                .await
                .is_none());
            items
        });
        let mut whole: Vec<Result<u32, String>> = (0..3).map(Ok).collect();
        if expected != "Closed" {
            whole.push(Err(expected.to_string()));
        }
        assert_eq!(items, whole);
    }
}

/// Sends numbers and checks the answers; gives up its end in good order.
async fn client(mut end: End<u32, u32>, count: u32) -> u32 {
    let mut answered = 0;
    for n in 0..count {
        if end.send(n).await.is_err() {
            return answered;
        }
        match end.recv().await {
            Ok(answer) => assert_eq!(answer, n * 2),
            Err(_) => return answered,
        }
        answered += 1;
        runtime::yield_now().await;
    }
    end.close();
    answered
}

/// Answers until the other end goes, and says how.
async fn server(mut end: End<u32, u32>) -> Ended {
    loop {
        match end.recv().await {
            Ok(n) => {
                runtime::yield_now().await;
                if let Err(failure) = end.send(n * 2).await {
                    return failure.ended().unwrap().clone();
                }
            }
            Err(ended) => return ended,
        }
    }
}

#[test]
fn cancelled_at_any_await_the_peer_learns_of_it() {
    let mut polls = 0;
    loop {
        let mut ran_to_its_end = false;
        for cancel_client in [true, false] {
            let (a, b) = duplex();
            let (one, two) = (Bell::new(), Bell::new());
            let mut client = Box::pin(client(a, 4));
            let mut server = Box::pin(server(b));
            let (mut client_done, mut server_done) = (None, None);
            let mut cancelled_polls = 0;
            // In turn, until one has had its polls; then it is dropped, and the other must end.
            while cancelled_polls < polls && (client_done.is_none() || server_done.is_none()) {
                cancelled_polls += 1;
                if client_done.is_none() {
                    if let std::task::Poll::Ready(n) = one.poll(&mut client) {
                        client_done = Some(n);
                    }
                }
                if cancel_client && cancelled_polls == polls {
                    break;
                }
                if server_done.is_none() {
                    if let std::task::Poll::Ready(how) = two.poll(&mut server) {
                        server_done = Some(how);
                    }
                }
            }
            if client_done == Some(4) && server_done.as_ref().is_some_and(Ended::is_closed) {
                ran_to_its_end = true;
                continue;
            }
            if cancel_client {
                drop(client);
                let how = server_done.unwrap_or_else(|| finish(&two, &mut server));
                let clean = client_done.is_some();
                assert_eq!(how.is_closed(), clean, "after {polls} polls: {how:?}");
                assert_eq!(how.is_abandoned(), !clean);
            } else {
                drop(server);
                let answered = client_done.unwrap_or_else(|| finish(&one, &mut client));
                assert!(answered < 4 || polls > 0);
            }
            assert_eq!((one.held(), two.held()), (0, 0));
        }
        if ran_to_its_end {
            break;
        }
        polls += 1;
        assert!(polls < 200, "it never ends");
    }
    assert!(polls > 8, "there were some states to cancel it in: {polls}");
}

/// Polls as long as it is woken; a future that waits for nobody would hang.
fn finish<F: Future + Unpin>(bell: &Bell, future: &mut F) -> F::Output {
    for _ in 0..10 {
        if let std::task::Poll::Ready(output) = bell.poll(future) {
            return output;
        }
        assert!(bell.rings() > 0, "it hangs");
    }
    panic!("it goes on for ever");
}

#[test]
fn threads_keep_in_step() {
    within(|| {
        let (mut a, mut b) = duplex::<u32, u32>();
        let thread = std::thread::spawn(move || {
            let mut sum = 0;
            loop {
                match b.recv_blocking() {
                    Ok(n) => sum += n,
                    Err(ended) => {
                        assert!(ended.is_closed());
                        return sum;
                    }
                }
                if sum % 3 == 0 {
                    b.send_blocking(sum).unwrap();
                }
            }
        });
        let mut sum = 0;
        for n in 0..20_000u32 {
            sum += n % 7;
            a.send_blocking(n % 7).unwrap();
            if sum % 3 == 0 {
                assert_eq!(a.recv_blocking().unwrap(), sum);
            }
        }
        a.close();
        assert_eq!(thread.join().unwrap(), sum);
    });
}
