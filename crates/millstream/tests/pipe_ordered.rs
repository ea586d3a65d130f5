//! Whatever the numbers: what leaves an ordered stage is the map of what went in, and without order a permutation of it.

mod common;

use common::within;
use millstream::{bounded, from_iter, pipe, runtime, unbounded, Receiver};
use proptest::prelude::*;

/// Values for a stage: from an iterator, or through a channel of this capacity from a thread of their own.
fn source(values: Vec<u32>, through: Option<usize>) -> Receiver<u32> {
    let Some(capacity) = through else {
        return from_iter(values);
    };
    let (tx, rx) = bounded(capacity);
    std::thread::spawn(move || {
        for value in values {
            if tx.send_blocking(value).is_err() {
                return;
            }
        }
    });
    rx
}

/// Work of uneven length, so that results are done out of order.
fn uneven(value: u32) -> u64 {
    let mut sum = u64::from(value);
    for n in 0..u64::from(value % 5) * 200 {
        sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(n));
    }
    sum
}

/// The same with turns given away in the middle.
async fn uneven_async(value: u32) -> u64 {
    for _ in 0..value % 4 {
        runtime::yield_now().await;
    }
    uneven(value)
}

fn sorted(mut values: Vec<u64>) -> Vec<u64> {
    values.sort_unstable();
    values
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn threads_map(
        values in prop::collection::vec(any::<u32>(), 0..600),
        threads in 0usize..6,
        through in prop::option::of(0usize..70),
        capacity in 0usize..70,
        batch in prop::option::of(0usize..40),
    ) {
        let expected: Vec<u64> = values.iter().map(|&value| uneven(value)).collect();
        let (ordered, unordered) = within(move || {
            let stage = pipe::threads(threads);
            let stage = batch.map_or(stage.clone(), |batch| stage.batch(batch));
            let (tx, ordered) = bounded(capacity);
            stage.clone().ordered().map_into(source(values.clone(), through), tx, uneven);
            let (tx, unordered) = bounded(capacity);
            stage.map_into(source(values, through), tx, uneven);
            (ordered.iter().collect::<Vec<_>>(), unordered.iter().collect::<Vec<_>>())
        });
        prop_assert_eq!(&ordered, &expected);
        prop_assert_eq!(sorted(unordered), sorted(expected));
    }

    #[test]
    fn threads_flat_map(
        values in prop::collection::vec(any::<u32>(), 0..200),
        threads in 0usize..6,
        capacity in 0usize..20,
        most in 0u32..30,
    ) {
        let parts = move |value: u32| (0..value % (most + 1)).map(move |part| uneven(value) ^ u64::from(part));
        let expected: Vec<u64> = values.iter().flat_map(|&value| parts(value)).collect();
        let (ordered, unordered) = within(move || {
            let (tx, ordered) = bounded(capacity);
            pipe::threads(threads).ordered().flat_map_into(from_iter(values.clone()), tx, parts);
            let (tx, unordered) = bounded(capacity);
            pipe::threads(threads).flat_map_into(from_iter(values), tx, parts);
            (ordered.iter().collect::<Vec<_>>(), unordered.iter().collect::<Vec<_>>())
        });
        prop_assert_eq!(&ordered, &expected);
        prop_assert_eq!(sorted(unordered), sorted(expected));
    }

    #[test]
    fn tasks_map(
        values in prop::collection::vec(any::<u32>(), 0..300),
        tasks in 0usize..20,
        through in prop::option::of(0usize..20),
        capacity in 0usize..20,
    ) {
        let expected: Vec<u64> = values.iter().map(|&value| uneven(value)).collect();
        let (ordered, unordered) = within(move || {
            let (tx, ordered) = bounded(capacity);
            pipe::tasks(tasks).ordered().map_into(source(values.clone(), through), tx, uneven_async);
            let (tx, unordered) = bounded(capacity);
            pipe::tasks(tasks).map_into(source(values, through), tx, uneven_async);
            (ordered.iter().collect::<Vec<_>>(), unordered.iter().collect::<Vec<_>>())
        });
        prop_assert_eq!(&ordered, &expected);
        prop_assert_eq!(sorted(unordered), sorted(expected));
    }

    #[test]
    fn tasks_flat_map(
        values in prop::collection::vec(any::<u32>(), 0..200),
        tasks in 0usize..20,
        capacity in 0usize..10,
    ) {
        let parts = |value: u32| (0..value % 6).map(move |part| u64::from(value) + u64::from(part));
        let expected: Vec<u64> = values.iter().flat_map(|&value| parts(value)).collect();
        let ordered = within(move || {
            let (tx, ordered) = bounded(capacity);
            let stage = pipe::tasks(tasks).ordered();
            stage.flat_map_into(from_iter(values), tx, move |value| async move {
                uneven_async(value).await;
                parts(value)
            });
            ordered.iter().collect::<Vec<_>>()
        });
        prop_assert_eq!(ordered, expected);
    }
}

#[test]
fn a_long_run_of_cheap_values_in_big_batches_keeps_its_order() {
    let last = 300_000u64;
    let sum = within(move || {
        let (tx, results) = unbounded();
        let stage = pipe::threads(4).ordered();
        stage.map_into(from_iter(0..last), tx, |n| n + 1);
        let mut next = 1;
        for result in results.iter() {
            assert_eq!(result, next);
            next += 1;
        }
        next
    });
    assert_eq!(sum, last + 1);
}
