//! Gates, stops, generators, and streams that run beside their consumer or into a channel.

mod stream_support;

use futures_core::Stream;
use millstream::prelude::*;
use millstream::runtime::Manual;
use proptest::collection::vec;
use proptest::prelude::{any, prop_oneof, proptest, Just, Strategy};
use std::future::Future;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::{pin, Pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use stream_support::*;

#[derive(Clone, Debug)]
enum Act {
    Poll,
    Admit(u64),
    Stop,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => Just(Act::Poll),
        2 => (0u64..4).prop_map(Act::Admit),
        1 => Just(Act::Stop),
    ];
    vec(act, 0..40)
}

fn noop() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

proptest! {
    #[test]
    fn exactly_as_many_pass_a_gate_as_were_admitted(steps in script(any::<u8>()), acts in acts()) {
        let items = items_of(&steps);
        let source = Script::new(steps.iter().cloned());
        let (mut gate, keeper) = source.clone().gate();
        let (mut admitted, mut stopped, mut seen) = (0, false, Vec::new());
        for act in acts {
            match act {
                Act::Admit(more) => {
                    assert_eq!(keeper.admit(more), !stopped);
                    admitted += if stopped { 0 } else { more as usize };
                }
                Act::Stop => {
                    assert_eq!(keeper.stop(), !stopped);
                    stopped = true;
                }
                Act::Poll => match poll(&mut gate) {
                    Poll::Ready(Some(item)) => seen.push(item),
                    Poll::Ready(None) => assert!(seen.len() == items.len() || (stopped && seen.len() == admitted)),
                    Poll::Pending => {}
                },
            }
            assert!(seen.len() <= admitted);
            assert_eq!(source.pulled(), seen.len(), "nothing is held");
        }
        drop(keeper);
        seen.extend(drive(&mut gate));
        assert_eq!(seen, items[..admitted.min(items.len())]);
        assert_eq!(gate.into_inner().rest(), items[seen.len()..]);
    }

    #[test]
    fn a_gate_that_is_open_changes_nothing(steps in script(any::<u8>())) {
        let open = |source: Script<u8>| {
            let (gate, keeper) = source.gate();
            keeper.admit(1000);
            gate
        };
        check(&steps, open, |items| items);
        check_holds_nothing(&steps, open);
    }

    #[test]
    fn a_stream_that_is_not_stopped_is_the_same(steps in script(any::<u8>())) {
        check(&steps, |source| source.stoppable().0, |items| items);
        check_holds_nothing(&steps, |source| source.stoppable().0);
    }

    #[test]
    fn a_stopped_stream_gives_the_rest_back(steps in script(any::<u8>()), polls in 0usize..20) {
        let source = Script::new(steps.iter().cloned());
        let (mut stream, stopper) = source.stoppable();
        let mut seen = Vec::new();
        for _ in 0..polls {
            if let Poll::Ready(Some(item)) = poll(&mut stream) {
                seen.push(item);
            }
        }
        assert!(stopper.stop());
        assert!(!stopper.stop());
        assert_eq!(stream.size_hint(), (0, Some(0)));
        assert_eq!(poll(&mut stream), Poll::Ready(None));
        seen.extend(stream.into_inner().rest());
        assert_eq!(seen, items_of(&steps));
    }

    #[test]
    fn a_buffer_pulls_exactly_as_far_ahead_as_it_was_told(steps in script(any::<u8>()), ahead in 0usize..6, takes in 0usize..20) {
        let items = items_of(&steps);
        let mut manual = Manual::new();
        let _entered = manual.enter();
        let source = Script::new(steps.iter().cloned());
        let mut stream = source.clone().buffer_ahead(ahead);
        manual.run_until_stalled();
        assert_eq!(source.polls(), 0, "nothing happens before the first poll");
        let mut seen = Vec::new();
        for _ in 0..takes {
            let polled = poll(&mut stream);
            manual.run_until_stalled();
            if let Poll::Ready(Some(item)) = polled {
                seen.push(item);
            }
            // The item that the consumer waits for is not ahead of it.
            let waited_for = usize::from(polled.is_pending());
            let (lower, upper) = stream.size_hint();
            let left = items.len() - seen.len();
            assert!(lower <= left && upper.is_none_or(|upper| left <= upper));
            if ahead > 0 {
                assert_eq!(source.pulled(), items.len().min(seen.len() + ahead + waited_for));
            } else {
                assert_eq!(source.pulled(), seen.len());
            }
        }
        assert_eq!(seen, items[..seen.len()]);
        drop(stream);
        let polls = source.polls();
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 0, "dropping the consumer stops the puller");
        assert_eq!(source.polls(), polls);
    }

    #[test]
    fn buffering_changes_no_item(steps in script(any::<u8>()), ahead in 0usize..6) {
        let mut manual = Manual::new();
        let source = Script::new(steps.iter().cloned());
        let seen = manual.block_on(source.buffer_ahead(ahead).collect::<Vec<_>>());
        assert_eq!(seen, items_of(&steps));
        let source = Script::new(steps.iter().cloned());
        let seen = manual.block_on(async { source.active(ahead).collect::<Vec<_>>().await });
        assert_eq!(seen, items_of(&steps));
    }

    #[test]
    fn an_active_stream_pulls_before_it_is_polled(steps in script(any::<u8>()), ahead in 1usize..6) {
        let mut manual = Manual::new();
        let _entered = manual.enter();
        let source = Script::new(steps.iter().cloned());
        let stream = source.clone().active(ahead);
        manual.run_until_stalled();
        assert_eq!(source.pulled(), ahead.min(items_of(&steps).len()));
        drop(stream);
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 0);
    }

    #[test]
    fn forwarding_loses_nothing_at_any_moment(steps in script(any::<u8>()), capacity in 0usize..4, polls in 0usize..30) {
        let (tx, rx) = millstream::bounded(capacity);
        let source = Script::new(steps.iter().cloned());
        let mut seen = Vec::new();
        {
            let mut stream = source.clone();
            let mut forward = pin!((&mut stream).forward_into(tx.clone(), AtEnd::KeepOpen));
            let mut done = false;
            let mut receive = None;
            for turn in 0..polls {
                if !done {
                    done = forward.as_mut().poll(&mut noop()).is_ready();
                }
                if turn % 3 == 1 {
                    let rx = rx.clone();
                    let receive = receive.get_or_insert_with(|| Box::pin(async move { rx.recv().await }));
                    if let Poll::Ready(item) = receive.as_mut().poll(&mut noop()) {
                        seen.push(item.unwrap());
                    } else {
                        continue;
                    }
                } else {
                    continue;
                }
                receive = None;
            }
        }
        seen.extend(rx.drain());
        seen.extend(source.rest());
        assert_eq!(seen, items_of(&steps));
        assert!(!tx.is_closed());
    }

    #[test]
    fn forwarding_sends_everything(steps in script(any::<u8>()), capacity in 0usize..4) {
        let (tx, rx) = millstream::bounded(capacity);
        let items = items_of(&steps);
        let mut manual = Manual::new();
        let source = Script::new(steps.iter().cloned());
        let keep = tx.clone();
        let (sent, seen) = manual.block_on(futures_lite::future::zip(source.forward_into(tx, AtEnd::Close), rx.collect::<Vec<_>>()));
        assert_eq!(sent, Ok(items.len() as u64));
        assert_eq!(seen, items);
        assert!(keep.is_closed());
    }

    #[test]
    fn a_generator_emits_in_order(steps in script(any::<u8>())) {
        // The script says where the block waits for something else.
        let block = |steps: Vec<Step<u8>>| generate(move |emit| async move {
            for step in steps {
                match step {
                    Step::Item(item) => emit.emit(item).await,
                    _ => yield_now().await,
                }
            }
        });
        assert_eq!(drive(block(steps.clone())), items_of(&steps));
    }

    #[test]
    fn a_fallible_generator_ends_with_its_error(items in vec(any::<u8>(), 0..9), fails in any::<bool>()) {
        let given = items.clone();
        let stream = try_generate(move |emit| async move {
            for item in given {
                emit.emit(item).await;
            }
            if fails { Err("failed") } else { Ok(()) }
        });
        let mut expected: Vec<_> = items.into_iter().map(Ok).collect();
        expected.extend(fails.then_some(Err("failed")));
        assert_eq!(drive(stream), expected);
    }

    #[test]
    fn a_push_stream_has_what_was_pushed(items in vec(any::<u8>(), 0..20), looks in vec(any::<bool>(), 20)) {
        let (push, mut stream) = push_stream();
        let mut seen = Vec::new();
        for (at, (item, look)) in items.iter().zip(looks).enumerate() {
            push.try_send(*item).unwrap();
            if look {
                assert!(stream.available().eq(&items[seen.len()..=at]));
                assert!(stream.is_len_at_least(at + 1 - seen.len()));
                assert!(!stream.is_len_at_least(at + 2 - seen.len()));
            } else if let Poll::Ready(Some(item)) = poll(&mut stream) {
                seen.push(item);
            }
        }
        push.close();
        assert!(stream.is_stopped());
        assert!(push.try_send(0).is_err());
        seen.extend(drive(stream));
        assert_eq!(seen, items);
    }
}

#[test]
fn a_gate_wakes_its_consumer() {
    let (mut gate, keeper) = from_range(0..).gate();
    let count = Count::new();
    assert!(poll_with(&mut gate, &count).is_pending());
    assert!(keeper.clone().admit(1));
    assert_eq!(count.get(), 1, "and a clone that is dropped stops nothing");
    assert_eq!(poll_with(&mut gate, &count), Poll::Ready(Some(0)));
    assert!(poll_with(&mut gate, &count).is_pending());
    drop(keeper);
    assert_eq!(
        count.get(),
        2,
        "a gate without a keeper would wait for ever"
    );
    assert_eq!(poll(&mut gate), Poll::Ready(None));
    let (mut gate, _keeper) = from_range(0..).gate();
    assert!(poll_with(&mut gate, &count).is_pending());
    drop(gate);
    assert_eq!(Arc::strong_count(&count), 1);
}

#[test]
fn a_gate_on_a_receiver_leaves_the_rest_in_the_channel() {
    let (tx, rx) = millstream::unbounded();
    let (mut gate, keeper) = rx.clone().gate();
    keeper.admit(2);
    assert!(poll(&mut gate).is_pending());
    for item in 0..3 {
        tx.try_send(item).unwrap();
    }
    assert_eq!(poll(&mut gate), Poll::Ready(Some(0)));
    drop((gate, keeper));
    assert_eq!(rx.drain().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn stop_wakes_a_consumer_that_waits() {
    let (_tx, rx) = millstream::bounded::<u8>(1);
    let (mut stream, stopper) = rx.stoppable();
    let consumer = thread::spawn(move || millstream::block_on(stream.next()));
    stopper.stop();
    assert_eq!(consumer.join().unwrap(), None);

    let (_tx, rx) = millstream::bounded::<u8>(1);
    let (mut stream, stopper) = rx.stoppable();
    let count = Count::new();
    assert!(poll_with(&mut stream, &count).is_pending());
    stopper.stop();
    assert_eq!(count.get(), 1);
    assert_eq!(poll(&mut stream), Poll::Ready(None));
    assert!(stopper.is_stopped());
}

#[test]
fn a_buffered_source_runs_while_its_consumer_works() {
    let mut manual = Manual::new();
    let _entered = manual.enter();
    let source = Script::ready(0..100);
    let mut stream = source.clone().buffer_ahead(10);
    assert!(poll(&mut stream).is_pending(), "its task has not run yet");
    manual.run_until_stalled();
    assert_eq!(
        source.pulled(),
        11,
        "the one that is waited for, and ten ahead"
    );
    for _ in 0..5 {
        assert!(poll(&mut stream).is_ready());
    }
    manual.run_until_stalled();
    assert_eq!(source.pulled(), 15);
}

#[test]
fn the_puller_of_a_waiting_source_stops_with_its_consumer() {
    let mut manual = Manual::new();
    let _entered = manual.enter();
    let (tx, rx) = millstream::bounded::<u8>(1);
    let mut stream = rx.buffer_ahead(4);
    assert!(poll(&mut stream).is_pending());
    manual.run_until_stalled();
    assert_eq!(manual.tasks(), 1);
    drop(stream);
    manual.run_until_stalled();
    assert_eq!(manual.tasks(), 0);
    assert!(tx.is_closed(), "and the source is gone with it");
}

#[test]
fn a_puller_gives_way_and_does_its_sources_turn() {
    let mut manual = Manual::new();
    let _entered = manual.enter();
    let stream = from_range(0u64..).active(usize::MAX);
    let (tx, rx) = millstream::bounded(1);
    manual.spawn(async move {
        tx.send(()).await.unwrap();
    });
    manual.spawn(async move {
        rx.recv().await.unwrap();
        drop(stream);
    });
    manual.run_until_stalled();
    assert_eq!(manual.tasks(), 0, "the task that stops it had its turn");
}

#[test]
fn a_panic_of_a_buffered_source_reaches_the_consumer_after_the_items() {
    for ahead in [0, 1, 5] {
        let mut manual = Manual::new();
        let _entered = manual.enter();
        let mut stream =
            Script::new([Step::Item(1), Step::Item(2), Step::Panic]).buffer_ahead(ahead);
        let mut seen = Vec::new();
        let panicked = catch_unwind(AssertUnwindSafe(|| loop {
            match poll(&mut stream) {
                Poll::Ready(Some(item)) => seen.push(item),
                Poll::Ready(None) => return,
                Poll::Pending => manual.run_until_stalled(),
            }
        }));
        assert!(panicked.is_err());
        assert_eq!(seen, [1, 2]);
        drop(stream);
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 0);
    }
}

#[test]
fn a_forward_ends_when_nobody_receives_though_its_stream_waits() {
    let (tx, rx) = millstream::bounded(1);
    let count = Count::new();
    let waker = Waker::from(count.clone());
    let mut forward = pin!(futures_lite::stream::pending::<u8>().forward_into(tx, AtEnd::Close));
    assert!(forward
        .as_mut()
        .poll(&mut Context::from_waker(&waker))
        .is_pending());
    drop(rx);
    assert!(count.get() > 0);
    let Poll::Ready(Err(error)) = forward.as_mut().poll(&mut noop()) else {
        panic!("it goes on for nobody");
    };
    assert_eq!((error.sent, error.unsent), (0, None));
}

#[test]
fn a_forward_into_a_closed_channel_pulls_nothing() {
    let (tx, rx) = millstream::bounded(8);
    let source = Script::ready(0..9);
    let mut stream = source.clone();
    rx.close();
    let error = millstream::block_on((&mut stream).forward_into(tx, AtEnd::Close)).unwrap_err();
    assert_eq!((error.sent, error.unsent), (0, None));
    assert_eq!(source.polls(), 0);
}

#[test]
fn a_forward_gives_way() {
    let (tx, rx) = millstream::unbounded();
    let mut forward = pin!(endless(1).forward_into(tx, AtEnd::Close));
    let count = Count::new();
    let waker = Waker::from(count.clone());
    assert!(forward
        .as_mut()
        .poll(&mut Context::from_waker(&waker))
        .is_pending());
    assert!(count.get() > 0);
    assert!(rx.len() < TOO_MANY);
}

#[test]
fn a_fallible_forward_sends_the_values_before_the_error() {
    let (tx, rx) = millstream::unbounded();
    let items = from_range([Ok(1), Ok(2), Err("bad"), Ok(3)]);
    let error = millstream::block_on(items.try_forward_into(tx.clone(), AtEnd::Close)).unwrap_err();
    assert_eq!(
        error,
        TryForwardError::Stream {
            sent: 2,
            error: "bad"
        }
    );
    assert_eq!(rx.drain().collect::<Vec<_>>(), [1, 2]);
    assert!(!tx.is_closed());
    rx.close();
    let items = from_range([Ok::<_, &str>(1)]);
    let error = millstream::block_on(items.try_forward_into(tx, AtEnd::Close)).unwrap_err();
    assert!(matches!(
        error,
        TryForwardError::Closed(ForwardError {
            sent: 0,
            unsent: None
        })
    ));
}

#[test]
fn a_generator_runs_only_as_far_as_it_is_asked() {
    let log = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let write = log.clone();
    let mut stream = pin!(generate(|emit| async move {
        for item in 0..3 {
            write.borrow_mut().push(item);
            emit.emit(item).await;
        }
        write.borrow_mut().push(9);
    }));
    assert_eq!(*log.borrow(), [], "nothing happens before the first poll");
    for item in 0..3 {
        assert_eq!(poll(&mut stream), Poll::Ready(Some(item)));
        assert_eq!(
            log.borrow().len(),
            item + 1,
            "what follows an emit waits for the next wish"
        );
    }
    assert_eq!(poll(&mut stream), Poll::Ready(None));
    assert_eq!(*log.borrow(), [0, 1, 2, 9]);
    assert_eq!(stream.size_hint(), (0, Some(0)));
    assert_eq!(poll(&mut stream), Poll::Ready(None));
}

#[test]
fn emits_at_the_same_time_take_turns() {
    // Also within an executor inside the block, which polls only what was woken.
    let both = drive(generate(|emit: Emitter<u8>| async move {
        let three = |first: u8| {
            let emit = emit.clone();
            async move {
                for item in 0..3 {
                    emit.emit(first + item).await;
                }
            }
        };
        futures_lite::future::zip(three(10), three(20)).await;
    }));
    assert_eq!(
        both.iter()
            .filter(|item| **item < 20)
            .copied()
            .collect::<Vec<_>>(),
        [10, 11, 12]
    );
    assert_eq!(
        both.iter()
            .filter(|item| **item >= 20)
            .copied()
            .collect::<Vec<_>>(),
        [20, 21, 22]
    );

    let mut many = drive(generate(|emit: Emitter<u8>| async move {
        let futures = from_range(0..5).map(|first| {
            let emit = emit.clone();
            async move {
                emit.emit(first * 10).await;
                emit.emit(first * 10 + 1).await;
            }
        });
        futures.buffer_unordered(3).for_each(|()| ()).await;
    }));
    many.sort_unstable();
    assert_eq!(many, [0, 1, 10, 11, 20, 21, 30, 31, 40, 41]);
}

#[test]
fn an_emit_from_another_thread_wakes_the_consumer() {
    let (tx, rx) = millstream::bounded(1);
    let mut stream = Box::pin(generate(|emit: Emitter<u8>| async move {
        tx.send(emit).await.unwrap();
        std::future::pending::<()>().await;
    }));
    let helper = thread::spawn(move || {
        let emit = rx.recv_blocking().unwrap();
        millstream::block_on(async {
            emit.emit(1).await;
            let mut second = emit.emit(2);
            assert!(Pin::new(&mut second).poll(&mut noop()).is_pending());
        });
    });
    assert_eq!(millstream::block_on(stream.next()), Some(1));
    assert_eq!(millstream::block_on(stream.next()), Some(2));
    helper.join().unwrap();
}

#[test]
fn a_panic_in_a_generator_reaches_the_consumer() {
    let mut stream = Box::pin(generate(|emit| async move {
        emit.emit(1).await;
        std::panic::resume_unwind(Box::new("scripted"));
    }));
    assert_eq!(poll(&mut stream), Poll::Ready(Some(1)));
    assert!(catch_unwind(AssertUnwindSafe(|| poll(&mut stream).is_ready())).is_err());
    assert_eq!(poll(&mut stream), Poll::Ready(None));
}

#[test]
fn a_dropped_generator_drops_its_block_and_its_wakers() {
    let alive = Arc::new(());
    let inside = alive.clone();
    let count = Count::new();
    let (tx, rx) = millstream::bounded(1);
    let mut stream = Box::pin(generate(|emit: Emitter<u8>| async move {
        let _inside = inside;
        tx.send(emit.clone()).await.unwrap();
        std::future::pending::<()>().await;
    }));
    assert!(poll_with(&mut stream, &count).is_pending());
    drop(stream);
    assert_eq!(Arc::strong_count(&alive), 1);
    assert_eq!(
        Arc::strong_count(&count),
        1,
        "though the emitter is still there"
    );
    drop(rx);
}

#[test]
fn a_generator_crosses_threads() {
    fn is_send<T: Send>(stream: T) -> T {
        stream
    }
    let stream = is_send(generate(|emit| async move {
        for item in 0..1000u32 {
            emit.emit(item).await;
        }
    }));
    let sum = thread::spawn(|| millstream::block_on(stream.fold(0, |sum, item| sum + item)));
    assert_eq!(sum.join().unwrap(), 499_500);
}

#[test]
fn what_is_given_back_unnamed_crosses_threads_too() {
    fn is_send(_: impl Send) {}
    let (tx, rx) = millstream::bounded::<u8>(1);
    is_send(rx.clone().forward_into(tx.clone(), AtEnd::Close));
    is_send(
        rx.clone()
            .map(Ok::<_, ()>)
            .try_forward_into(tx, AtEnd::Close),
    );
    is_send(zip_receivers([rx]));
    is_send(try_generate(|emit: Emitter<u8>| async move {
        emit.emit(1).await;
        Ok::<_, ()>(())
    }));
}
