//! Operators on many streams: merge, zip, combine and futures side by side.

mod common;
mod stream_support;

use futures_core::Stream;
use millstream::prelude::*;
use proptest::collection::vec;
use proptest::prelude::{any, proptest};
use std::future::{pending, poll_fn, ready, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use stream_support::*;

type Scripts = Vec<Vec<Step<u8>>>;

/// The scripts as sources, whose items are tagged with their source.
fn sources(scripts: &Scripts) -> Vec<Script<(usize, u8)>> {
    let tag = |at: usize, step: &Step<u8>| match step {
        Step::Item(item) => Step::Item((at, *item)),
        Step::Pending => Step::Pending,
        Step::Panic => Step::Panic,
    };
    let source =
        |(at, steps): (usize, &Vec<Step<u8>>)| Script::new(steps.iter().map(|step| tag(at, step)));
    scripts.iter().enumerate().map(source).collect()
}

/// Checks that the items are those of all scripts, in order for each.
fn check_merged(scripts: &Scripts, items: &[(usize, u8)]) {
    for (at, steps) in scripts.iter().enumerate() {
        let own: Vec<u8> = items
            .iter()
            .filter(|item| item.0 == at)
            .map(|item| item.1)
            .collect();
        assert_eq!(own, items_of(steps));
    }
    assert_eq!(
        items.len(),
        scripts.iter().map(|steps| items_of(steps).len()).sum()
    );
}

fn columns(scripts: &Scripts) -> Vec<Vec<u8>> {
    scripts.iter().map(items_of).collect()
}

proptest! {
    #[test]
    fn merge_has_the_items_of_all(scripts in vec(script(any::<u8>()), 0..6)) {
        let inputs = sources(&scripts);
        let merged = merge(inputs.clone());
        assert!(inputs.iter().all(|input| input.polls() == 0), "nothing happens before the first poll");
        check_merged(&scripts, &drive(merged));
    }

    #[test]
    fn merge_holds_nothing_when_dropped(scripts in vec(script(any::<u8>()), 0..5), polls in 0usize..40) {
        let inputs = sources(&scripts);
        let mut merged = merge(inputs.clone());
        let mut seen = Vec::new();
        for _ in 0..polls {
            if let Poll::Ready(Some(item)) = poll(&mut merged) {
                seen.push(item);
            }
        }
        drop(merged);
        seen.extend(inputs.iter().flat_map(Script::rest));
        check_merged(&scripts, &seen);
    }

    #[test]
    fn merge_all_has_the_items_of_all(scripts in vec(script(any::<u8>()), 0..6), pauses in vec(any::<bool>(), 6), at_once in 1usize..5) {
        let inputs = sources(&scripts);
        let steps = inputs.iter().zip(&pauses).flat_map(|(input, pause)| {
            let pause = pause.then_some(Step::Pending);
            pause.into_iter().chain([Step::Item(input.clone())])
        });
        let outer = Script::new(steps);
        let merged = outer.clone().merge_all(at_once);
        assert_eq!(outer.polls(), 0);
        check_merged(&scripts, &drive(merged));
    }

    #[test]
    fn zip_all_stops_at_the_shortest_and_gives_the_rest_back(scripts in vec(script(any::<u8>()), 0..5), polls in 0usize..60) {
        let columns = columns(&scripts);
        let height = columns.iter().map(Vec::len).min().unwrap_or(0);
        let row = |at: usize| columns.iter().map(|column| column[at]).collect::<Vec<_>>();
        let untagged = || scripts.iter().map(|steps| Script::new(steps.iter().cloned())).collect::<Vec<_>>();

        let inputs = untagged();
        let zipped = zip_all(inputs.clone());
        assert!(inputs.iter().all(|input| input.polls() == 0));
        assert_eq!(drive(zipped), (0..height).map(row).collect::<Vec<_>>());

        let inputs = untagged();
        let mut zipped = zip_all(inputs.clone());
        let mut rows = Vec::new();
        for _ in 0..polls {
            if let Poll::Ready(Some(row)) = poll(&mut zipped) {
                rows.push(row);
            }
        }
        let leftovers = zipped.into_leftovers();
        for (at, (item, _)) in leftovers.into_iter().enumerate() {
            let mut column: Vec<u8> = rows.iter().map(|row| row[at]).collect();
            column.extend(item);
            column.extend(inputs[at].rest());
            assert_eq!(column, columns[at], "dropped after {polls} polls");
        }
    }

    #[test]
    fn zip_longest_pads(scripts in vec(script(any::<u8>()), 0..5)) {
        let columns = columns(&scripts);
        let height = columns.iter().map(Vec::len).max().unwrap_or(0);
        let row = |at: usize| columns.iter().map(|column| column.get(at).copied()).collect::<Vec<_>>();
        let inputs: Vec<_> = scripts.iter().map(|steps| Script::new(steps.iter().cloned())).collect();
        assert_eq!(drive(zip_longest(inputs)), (0..height).map(row).collect::<Vec<_>>());
    }

    #[test]
    fn combine_latest_has_a_list_for_each_item(scripts in vec(script(any::<u8>()), 0..4)) {
        let lists = drive(combine_latest_partial(sources(&scripts)));
        // What changed from each list to the next is the item that came.
        let mut last = vec![None; scripts.len()];
        let mut came = vec![Vec::new(); scripts.len()];
        for list in &lists {
            let mut changed = (0..list.len()).filter(|&at| list[at] != last[at]);
            if let Some(at) = changed.next() {
                came[at].extend(list[at].map(|item| item.1));
            }
            assert_eq!(changed.next(), None, "one item at a time");
            last = list.clone();
        }
        for (came, column) in came.iter_mut().zip(columns(&scripts)) {
            // An item that is equal to the one before it changes nothing that can be seen.
            let mut column = column;
            column.dedup();
            came.dedup();
            assert_eq!(*came, column);
        }
        assert_eq!(lists.len(), columns(&scripts).iter().map(Vec::len).sum::<usize>());

        let complete: Vec<Vec<(usize, u8)>> = lists.iter().filter_map(|list| list.iter().copied().collect()).collect();
        assert_eq!(drive(combine_latest(sources(&scripts))), complete);
    }

    #[test]
    fn tuples_combine_like_lists(a in script(any::<u8>()), b in script(any::<u8>()), c in script(any::<u8>())) {
        let inputs = sources(&vec![a, b, c]);
        let [a, b, c] = [0, 1, 2].map(|at: usize| inputs[at].clone());
        let tuples = drive((a, b, c).combine_latest());
        let total = |at: usize| inputs[at].pulled();
        let all = total(0) + total(1) + total(2);
        assert!(tuples.len() <= all.saturating_sub(2), "the first of each is waited for");
        for pair in tuples.windows(2) {
            let (x, y) = (pair[0], pair[1]);
            let changed = [x.0 != y.0, x.1 != y.1, x.2 != y.2];
            assert!(changed.iter().filter(|changed| **changed).count() <= 1);
        }
        if let Some(last) = tuples.last() {
            assert_eq!(inputs.iter().map(|input| input.rest().len()).sum::<usize>(), 0);
            assert!(last.0 .0 == 0 && last.1 .0 == 1 && last.2 .0 == 2);
        }
    }

    #[test]
    fn buffered_keeps_the_order(delays in vec(0usize..5, 0..20), pauses in vec(any::<bool>(), 20), at_once in 1usize..6) {
        let build = |ordered: bool| {
            let running = std::rc::Rc::new(std::cell::Cell::new(0));
            let futures = delays.iter().enumerate().map(|(at, &delay)| {
                let running = running.clone();
                async move {
                    running.set(running.get() + 1);
                    assert!(running.get() <= at_once, "no more than that at once");
                    for _ in 0..delay {
                        yield_now().await;
                    }
                    running.set(running.get() - 1);
                    at
                }
            });
            let steps = futures.zip(&pauses).flat_map(|(future, pause)| {
                pause.then_some(Step::Pending).into_iter().chain([Step::Item(future)])
            });
            let source = Script::new(steps);
            let watch = source.clone();
            let outputs = if ordered { drive(source.buffered(at_once)) } else { drive(source.buffer_unordered(at_once)) };
            assert_eq!(watch.pulled(), delays.len());
            outputs
        };
        let all: Vec<usize> = (0..delays.len()).collect();
        assert_eq!(build(true), all);
        let mut unordered = build(false);
        unordered.sort_unstable();
        assert_eq!(unordered, all);
    }

    #[test]
    fn zip_receivers_never_holds_a_value(lengths in vec(0usize..6, 0..4), polls in 0usize..8) {
        let receivers: Vec<_> = lengths.iter().map(|&length| {
            let (tx, rx) = millstream::unbounded();
            for item in 0..length {
                tx.try_send(item).unwrap();
            }
            (tx, rx)
        }).collect();
        let mut zipped = Box::pin(zip_receivers(receivers.iter().map(|(_, rx)| rx.clone())));
        let mut rows = 0;
        for _ in 0..polls {
            if let Poll::Ready(Some(row)) = poll(&mut zipped) {
                assert_eq!(row, vec![rows; lengths.len()]);
                rows += 1;
            }
        }
        drop(zipped);
        let height = if lengths.is_empty() { 0 } else { *lengths.iter().min().unwrap() };
        assert_eq!(rows, height.min(polls));
        for ((_, rx), length) in receivers.iter().zip(&lengths) {
            assert_eq!(rx.drain().collect::<Vec<_>>(), (rows..*length).collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_source_that_is_always_ready_does_not_starve_the_rest() {
    // Streams that never give way by themselves, as those of other crates.
    let inputs = (0..8).map(futures_util::stream::repeat);
    let mut counts = [0; 8];
    millstream::block_on(async {
        for item in merge(inputs).collect_n(4000).await {
            counts[item] += 1;
        }
    });
    assert!(counts.iter().all(|&count| count >= 400), "{counts:?}");

    let inputs = from_range(0..8).map(futures_util::stream::repeat);
    let mut counts = [0; 8];
    millstream::block_on(async {
        for item in inputs.merge_all(8).collect_n(4000).await {
            counts[item] += 1;
        }
    });
    assert!(counts.iter().all(|&count| count >= 400), "{counts:?}");
}

#[test]
fn a_source_that_wakes_at_every_poll_gets_no_more_turns_than_another() {
    struct Restless(u8);
    impl Stream for Restless {
        type Item = u8;
        fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<u8>> {
            context.waker().wake_by_ref();
            Poll::Ready(Some(self.0))
        }
    }
    let quiet = futures_lite::stream::repeat(1).boxed();
    let mut merged = merge([Restless(0).boxed(), quiet, Restless(2).boxed()]);
    let mut counts = [0; 3];
    for _ in 0..300 {
        let Poll::Ready(Some(item)) = poll(&mut merged) else {
            panic!("all are always ready");
        };
        counts[usize::from(item)] += 1;
    }
    assert_eq!(counts, [100, 100, 100]);
}

#[test]
fn a_slot_that_is_used_again_has_one_turn() {
    // The first source leaves a waker behind; it is woken when the source has ended, and again and again after.
    let left = std::sync::Arc::new(std::sync::Mutex::new(None::<Waker>));
    let leave = left.clone();
    let first = futures_lite::stream::poll_fn(move |context: &mut Context<'_>| {
        *leave.lock().unwrap() = Some(context.waker().clone());
        Poll::Ready(None)
    });
    let wake = left.clone();
    let second = futures_lite::stream::poll_fn(move |_: &mut Context<'_>| {
        wake.lock().unwrap().as_ref().unwrap().wake_by_ref();
        Poll::Ready(Some(1))
    });
    let third = futures_lite::stream::repeat(2);
    let wake = left.clone();
    let outer = generate(|emit| async move {
        emit.emit(first.boxed()).await;
        emit.emit(third.boxed()).await;
        // The first is polled now, and ends.
        yield_now().await;
        wake.lock().unwrap().as_ref().unwrap().wake_by_ref();
        yield_now().await;
        emit.emit(second.boxed()).await;
    });
    let mut merged = Box::pin(outer.merge_all(3));
    let mut counts = [0u32; 3];
    for _ in 0..200 {
        if let Poll::Ready(Some(item)) = poll(&mut merged) {
            counts[item] += 1;
        }
    }
    assert!(counts[1].abs_diff(counts[2]) < 5, "{counts:?}");
}

#[test]
fn merge_polls_only_those_that_were_woken() {
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..1000).map(|_| millstream::unbounded()).unzip();
    let polls = std::rc::Rc::new(std::cell::Cell::new(0));
    let counted = rxs.into_iter().map(|mut rx| {
        let polls = polls.clone();
        futures_lite::stream::poll_fn(move |context| {
            polls.set(polls.get() + 1);
            Pin::new(&mut rx).poll_next(context)
        })
    });
    let mut merged = merge(counted);
    // All are polled once to begin with, in turns.
    while polls.get() < 1000 {
        assert!(poll(&mut merged).is_pending());
    }
    for (at, tx) in txs.iter().enumerate() {
        let before = polls.get();
        tx.try_send(at).unwrap();
        assert_eq!(poll(&mut merged), Poll::Ready(Some(at)));
        assert!(poll(&mut merged).is_pending());
        assert_eq!(polls.get(), before + 2);
    }
    drop(txs);
    assert_eq!(drive(merged), []);
}

#[test]
fn merge_of_more_than_32_streams_ends() {
    common::within(|| {
        for count in [31, 32, 33, 64, 65, 1024] {
            let (txs, rxs): (Vec<_>, Vec<_>) =
                (0..count).map(|_| millstream::bounded::<u8>(1)).unzip();
            let merged = merge(rxs);
            let closer = std::thread::spawn(move || drop(txs));
            assert_eq!(millstream::block_on(merged.count()), 0);
            closer.join().unwrap();
        }
    });
}

#[test]
fn a_merge_between_threads_loses_no_wake_up() {
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..8).map(|_| millstream::bounded(2)).unzip();
    let senders: Vec<_> = txs
        .into_iter()
        .map(|tx| {
            std::thread::spawn(move || {
                (0..2000u64).for_each(|item| tx.send_blocking(item).unwrap())
            })
        })
        .collect();
    let sum = millstream::block_on(merge(rxs).fold(0, |sum, item| sum + item));
    assert_eq!(sum, 8 * (0..2000).sum::<u64>());
    senders
        .into_iter()
        .for_each(|sender| sender.join().unwrap());
}

#[test]
fn a_merge_of_sources_that_only_wake_themselves_gives_way() {
    struct Restless;
    impl Stream for Restless {
        type Item = ();
        fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<()>> {
            context.waker().wake_by_ref();
            Poll::Pending
        }
    }
    check_gives_way(merge([Restless, Restless]));
    check_gives_way(from_range([Restless, Restless]).merge_all(2));
    check_gives_way(zip_all([Restless, Restless]));
    // A source of nothing but empty streams.
    check_gives_way(
        endless(())
            .map(|()| futures_lite::stream::empty::<()>())
            .merge_all(4),
    );
    // Inputs of which one never has its first item.
    let restful = futures_lite::stream::pending().boxed();
    let busy = futures_lite::stream::repeat(1).boxed();
    check_gives_way(combine_latest([busy, restful]));
    let busy = futures_lite::stream::repeat(1);
    check_gives_way((busy, futures_lite::stream::pending::<u8>()).combine_latest());
}

#[test]
fn futures_without_end_are_started_in_turns() {
    let futures = || from_range(0..).map(|_| pending::<()>());
    check_gives_way(futures().buffered(10_000));
    check_gives_way(futures().buffer_unordered(10_000));
}

#[test]
fn nothing_to_do_ends_at_once() {
    assert_eq!(drive(merge(Vec::<Script<u8>>::new())), []);
    assert_eq!(
        drive(zip_all(Vec::<Script<u8>>::new())),
        Vec::<Vec<u8>>::new()
    );
    assert_eq!(
        drive(zip_longest(Vec::<Script<u8>>::new())),
        Vec::<Vec<Option<u8>>>::new()
    );
    assert_eq!(
        drive(combine_latest(Vec::<Script<u8>>::new())),
        Vec::<Vec<u8>>::new()
    );
    assert_eq!(
        drive(zip_receivers(Vec::<millstream::Receiver<u8>>::new())),
        Vec::<Vec<u8>>::new()
    );
    assert_eq!(
        drive(Script::ready(Vec::<Script<u8>>::new()).merge_all(1)),
        []
    );
    assert!(catch_unwind(|| Script::ready(Vec::<Script<u8>>::new()).merge_all(0)).is_err());
    assert!(catch_unwind(|| from_range(0..1).map(ready).buffered(0)).is_err());
    assert!(catch_unwind(|| from_range(0..1).map(ready).buffer_unordered(0)).is_err());
}

#[test]
fn combine_latest_ends_when_one_input_ends_without_an_item() {
    let mut combined = combine_latest([
        from_range(0..0).boxed(),
        futures_lite::stream::pending().boxed(),
    ]);
    assert_eq!(poll(&mut combined), Poll::Ready(None));
    let mut combined = (from_range(0..0), futures_lite::stream::pending::<u8>()).combine_latest();
    assert_eq!(poll(&mut combined), Poll::Ready(None));
}

#[test]
fn tuples_of_up_to_six_combine() {
    let one = || from_range(0..1);
    assert_eq!(drive((one(), one()).combine_latest()), [(0, 0)]);
    assert_eq!(drive((one(), one(), one()).combine_latest()), [(0, 0, 0)]);
    assert_eq!(
        drive((one(), one(), one(), one()).combine_latest()),
        [(0, 0, 0, 0)]
    );
    assert_eq!(
        drive((one(), one(), one(), one(), one()).combine_latest()).len(),
        1
    );
    assert_eq!(
        drive((one(), one(), one(), one(), one(), one()).combine_latest()).len(),
        1
    );
}

#[test]
fn an_input_that_wakes_though_its_item_is_in_the_row_is_not_asked_again() {
    let restless = || {
        let mut next = 0;
        futures_lite::stream::poll_fn(move |context: &mut Context<'_>| {
            context.waker().wake_by_ref();
            next += 1;
            Poll::Ready(Some(next - 1))
        })
    };
    let slow =
        || Script::new((0..5).flat_map(|item| [Step::Pending, Step::Pending, Step::Item(item)]));
    let rows = drive(zip_all([restless().boxed(), slow().boxed()]));
    assert_eq!(
        rows,
        (0..5).map(|item| vec![item, item]).collect::<Vec<_>>()
    );
    let rows = drive(zip_longest([restless().take(5).boxed(), slow().boxed()]));
    assert_eq!(
        rows,
        (0..5).map(|item| vec![Some(item); 2]).collect::<Vec<_>>()
    );
}

#[test]
fn a_zip_waits_for_all_inputs_at_the_same_time() {
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..3).map(|_| millstream::bounded(1)).unzip();
    let mut zipped = zip_all(rxs);
    let count = Count::new();
    assert!(poll_with(&mut zipped, &count).is_pending());
    for tx in txs.iter().rev() {
        let before = count.get();
        tx.try_send(1).unwrap();
        assert!(
            count.get() > before,
            "each input is waited for, the last one first as well"
        );
        if !tx.same_channel(&txs[0]) {
            assert!(poll_with(&mut zipped, &count).is_pending());
        }
    }
    assert_eq!(
        poll_with(&mut zipped, &count),
        Poll::Ready(Some(vec![1, 1, 1]))
    );
}

#[test]
fn a_panicking_source_is_let_go_of_and_the_others_go_on() {
    let source = |panics: bool| {
        let last = if panics { Step::Panic } else { Step::Item(2) };
        Script::new([Step::Item(1), last, Step::Item(3)])
    };
    let both = || [source(true), source(false)];
    fn rest<S: Stream + Unpin>(mut stream: S) -> Vec<S::Item> {
        let mut items = Vec::new();
        let mut panics = 0;
        loop {
            match catch_unwind(AssertUnwindSafe(|| poll(&mut stream))) {
                Ok(Poll::Ready(Some(item))) => items.push(item),
                Ok(Poll::Ready(None)) => break,
                Ok(Poll::Pending) => {}
                Err(_) => panics += 1,
            }
        }
        assert_eq!(panics, 1, "the consumer sees it, once");
        items
    }
    assert_eq!(rest(merge(both())), [1, 1, 2, 3]);
    assert_eq!(rest(from_range(both()).merge_all(2)), [1, 1, 2, 3]);
    assert_eq!(rest(zip_all(both())), [[1, 1]]);
    assert_eq!(
        rest(zip_longest(both())),
        [[Some(1), Some(1)], [None, Some(2)], [None, Some(3)]]
    );
    assert_eq!(rest(combine_latest(both())).last(), Some(&vec![1, 3]));
    let [bad, good] = both();
    assert_eq!(rest((bad, good).combine_latest()).last(), Some(&(1, 3)));
    let futures = || {
        from_range(0..4).map(|at| async move {
            yield_now().await;
            if at == 1 {
                std::panic::resume_unwind(Box::new("scripted"));
            }
            at
        })
    };
    for at_once in 1..5 {
        assert_eq!(rest(futures().buffered(at_once)), [0, 2, 3]);
        assert_eq!(rest(futures().buffer_unordered(at_once)), [0, 2, 3]);
    }
}

#[test]
fn wakers_go_with_the_operator() {
    let count = Count::new();
    let (_tx, rx) = millstream::bounded::<u8>(1);
    let kept = std::sync::Arc::new(std::sync::Mutex::new(None));
    let keep = kept.clone();
    let keeper = futures_lite::stream::poll_fn(move |context: &mut Context<'_>| {
        *keep.lock().unwrap() = Some(context.waker().clone());
        Poll::<Option<u8>>::Pending
    });
    let mut merged = merge([rx.boxed(), keeper.boxed()]);
    assert!(poll_with(&mut merged, &count).is_pending());
    drop(merged);
    assert!(
        kept.lock().unwrap().is_some(),
        "a source's waker may outlive it"
    );
    assert_eq!(
        std::sync::Arc::strong_count(&count),
        1,
        "but the task's does not"
    );
}

#[test]
fn a_row_that_is_waited_for_can_be_given_up() {
    let (tx, full) = millstream::bounded(1);
    let (_other, empty) = millstream::bounded::<u8>(1);
    tx.try_send(7).unwrap();
    let mut row = millstream::stream::recv_row([&full, &empty]);
    let context = &mut Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut row).poll(context).is_pending());
    assert!(full.try_recv().is_err(), "it is spoken for");
    drop(row);
    assert_eq!(full.try_recv(), Ok(7));
    millstream::block_on(poll_fn(|_| Poll::Ready(())));
}
