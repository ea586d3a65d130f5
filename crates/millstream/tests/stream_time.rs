//! Operators that measure time: throttle, debounce, batch; on a clock that moves only when told.

mod stream_support;

use futures_core::Stream;
use millstream::prelude::*;
use millstream::runtime::{Manual, Timer};
use proptest::collection::vec;
use proptest::prelude::{any, proptest};
use std::task::Poll;
use std::time::Duration;
use stream_support::*;

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A stream of items each of which comes so many seconds after the one before.
fn timed(delays: Vec<u64>) -> impl Stream<Item = usize> {
    generate(move |emit| async move {
        for (at, delay) in delays.into_iter().enumerate() {
            millstream::runtime::current().sleep(seconds(delay)).await;
            emit.emit(at).await;
        }
    })
}

/// The items with the second at which each came.
fn arrivals<S: Stream>(build: impl FnOnce() -> S) -> Vec<(u64, S::Item)> {
    let mut manual = Manual::new();
    let start = manual.now();
    let runtime = manual.handle();
    let items = manual.block_on(async move {
        let stream = build();
        stream
            .map(|item| ((runtime.now() - start).as_secs(), item))
            .collect()
            .await
    });
    assert_eq!(manual.sleepers(), 0, "no timer is left behind");
    items
}

/// When each item comes out of a source with these delays.
fn moments(delays: &[u64]) -> Vec<u64> {
    let sum = |sum: &mut u64, delay: &u64| {
        *sum += delay;
        Some(*sum)
    };
    delays.iter().scan(0, sum).collect()
}

proptest! {
    #[test]
    fn throttled_items_are_apart(delays in vec(0u64..6, 0..12), distance in 0u64..5) {
        let came = arrivals(|| timed(delays.clone()).throttle(seconds(distance)));
        assert_eq!(came.len(), delays.len(), "none is dropped");
        let mut earliest = 0;
        // A source that is not polled does not begin its next delay.
        let mut source = 0;
        for ((at, item), (number, delay)) in came.iter().zip(delays.iter().enumerate()) {
            source = source.max(earliest) + delay;
            assert_eq!((*at, *item), (source, number));
            earliest = at + distance;
        }
    }

    #[test]
    fn debounce_yields_the_last_of_each_burst(delays in vec(0u64..8, 0..12), quiet in 1u64..5) {
        let moments = moments(&delays);
        let came = arrivals(|| timed(delays.clone()).debounce(seconds(quiet)));
        let mut expected = Vec::new();
        for (at, moment) in moments.iter().enumerate() {
            match moments.get(at + 1) {
                // At the very moment when both are due, either may be first; the source is looked at first.
                Some(next) if next - moment > quiet => expected.push((moment + quiet, at)),
                Some(_) => {}
                None => expected.push((*moment, at)),
            }
        }
        assert_eq!(came, expected);
    }

    #[test]
    fn batches_close_by_number_and_by_time(delays in vec(0u64..6, 0..14), most in 1usize..5, within in 1u64..8) {
        let moments = moments(&delays);
        let came = arrivals(|| timed(delays.clone()).batch(most, seconds(within)));
        let mut expected: Vec<(u64, Vec<usize>)> = Vec::new();
        let mut open: Option<(u64, Vec<usize>)> = None;
        for (at, moment) in moments.iter().enumerate() {
            if let Some((begun, _)) = &open {
                if moment - begun > within {
                    let (begun, list) = open.take().unwrap();
                    expected.push((begun + within, list));
                }
            }
            let (_, list) = open.get_or_insert((*moment, Vec::new()));
            list.push(at);
            if list.len() == most {
                expected.push((*moment, open.take().unwrap().1));
            }
        }
        let end = moments.last().copied().unwrap_or(0);
        expected.extend(open.map(|(_, list)| (end, list)));
        assert_eq!(came, expected);
    }

    #[test]
    fn batches_of_a_ready_source_are_chunks(steps in script(any::<u8>()), most in 1usize..5) {
        let manual = Manual::new();
        let _entered = manual.enter();
        let plain = |items: Vec<u8>| items.chunks(most).map(<[u8]>::to_vec).collect::<Vec<_>>();
        check(&steps, |source| source.batch(most, seconds(1)), plain);
        check(&steps, |source| source.throttle(Duration::ZERO), |items| items);
        check_holds_nothing(&steps, |source| source.throttle(seconds(1)));
        let last = |items: Vec<u8>| items.last().copied().into_iter().collect::<Vec<_>>();
        check(&steps, |source| source.debounce(seconds(3600)), last);
    }

    #[test]
    fn what_waits_for_time_is_given_back(steps in script(any::<u8>()), polls in 0usize..20) {
        let manual = Manual::new();
        let _entered = manual.enter();
        let items = items_of(&steps);

        let source = Script::new(steps.iter().cloned());
        let mut stream = source.clone().batch(3, seconds(1));
        let mut seen = Vec::new();
        for _ in 0..polls {
            if let Poll::Ready(Some(list)) = poll(&mut stream) {
                seen.extend(list);
            }
        }
        let (source, begun) = stream.into_parts();
        seen.extend(begun.into_iter().chain(source.rest()));
        assert_eq!(seen, items);
        assert_eq!(manual.sleepers(), 0);

        let mut stream = Script::new(steps.iter().cloned()).debounce(seconds(1));
        let mut last = None;
        for _ in 0..polls {
            if let Poll::Ready(Some(item)) = poll(&mut stream) {
                last = Some(item);
            }
        }
        let (source, waiting) = stream.into_parts();
        let pulled = items.len() - source.rest().len();
        assert_eq!(waiting.or(last), items[..pulled].last().copied());
        assert_eq!(manual.sleepers(), 0);
    }
}

#[test]
fn nothing_is_asked_of_the_runtime_before_the_first_item() {
    // There is none here: these would panic on a thread that has to have one, but for the built-in.
    let mut manual = Manual::new();
    let made = (
        from_range(0..3).throttle(seconds(1)),
        from_range(0..3).debounce(seconds(1)),
        from_range(0..4).batch(2, seconds(1)),
    );
    let (throttled, debounced, batched) = made;
    assert_eq!(
        manual.block_on(throttled.count()),
        3,
        "and it is the clock of the first poll that counts"
    );
    assert_eq!(manual.elapsed(), seconds(3));
    assert_eq!(manual.block_on(debounced.count()), 1);
    assert_eq!(manual.block_on(batched.count()), 2);
    assert_eq!(manual.elapsed(), seconds(3));
}

#[test]
fn ready_sources_give_way() {
    let manual = Manual::new();
    let _entered = manual.enter();
    check_gives_way(endless(1).debounce(seconds(1)));
    check_gives_way(endless(1).batch(usize::MAX, seconds(1)));
}

#[test]
fn a_source_that_is_always_ready_does_not_keep_a_batch_open() {
    let mut manual = Manual::new();
    let mut stream = {
        let _entered = manual.enter();
        let mut stream = endless(1).batch(usize::MAX, seconds(1));
        assert!(poll(&mut stream).is_pending());
        stream
    };
    manual.advance(seconds(2));
    let Poll::Ready(Some(list)) = poll(&mut stream) else {
        panic!("its time is over");
    };
    assert!(!list.is_empty());
}

#[test]
fn a_source_that_never_rests_does_not_keep_time_from_a_debounced_item() {
    // It is the author's wish that a burst without end yields nothing; but a rest of one moment is enough.
    let mut manual = Manual::new();
    let (tx, rx) = millstream::unbounded();
    let _entered = manual.enter();
    let mut stream = rx.debounce(seconds(2));
    for second in 0..5 {
        tx.try_send(second).unwrap();
        assert!(poll(&mut stream).is_pending());
        manual.advance(seconds(1));
    }
    manual.advance(seconds(1));
    assert_eq!(poll(&mut stream), Poll::Ready(Some(4)));
}

#[test]
fn a_time_that_never_ends() {
    let mut manual = Manual::new();
    let lists = manual.block_on(from_range(0..3).batch(2, Duration::MAX).collect::<Vec<_>>());
    assert_eq!(lists, [vec![0, 1], vec![2]]);
    assert_eq!(
        manual.block_on(from_range(0..3).debounce(Duration::MAX).collect::<Vec<_>>()),
        [2]
    );
    let (tx, rx) = millstream::unbounded();
    tx.try_send(1).unwrap();
    let _entered = manual.enter();
    let mut stream = rx.throttle(Duration::MAX);
    assert_eq!(poll(&mut stream), Poll::Ready(Some(1)));
    assert!(poll(&mut stream).is_pending());
}

#[test]
fn a_batch_holds_at_least_one_item() {
    assert!(std::panic::catch_unwind(|| from_range(0..1).batch(0, seconds(1))).is_err());
}
