//! Operators on one stream, item by item, against plain functions over lists.

mod stream_support;

use futures_core::Stream;
use millstream::prelude::*;
use proptest::prelude::{any, proptest};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::task::Poll;
use stream_support::*;

/// Runs of the same key in a list.
fn runs<T, K: PartialEq>(items: Vec<T>, key: impl Fn(&T) -> K) -> Vec<(K, Vec<T>)> {
    let mut runs: Vec<(K, Vec<T>)> = Vec::new();
    for item in items {
        let key = key(&item);
        match runs.last_mut() {
            Some((last, run)) if *last == key => run.push(item),
            _ => runs.push((key, vec![item])),
        }
    }
    runs
}

/// The values before the first error, and the error.
fn until_error(items: Vec<Result<u8, u8>>) -> (Vec<u8>, Option<u8>) {
    let good = items.iter().map_while(|item| item.ok()).collect();
    (good, items.iter().find_map(|item| item.err()))
}

/// A closure's own error, for one value in ten.
fn fails(value: u8) -> Result<u8, u8> {
    if value % 10 == 7 {
        Err(value)
    } else {
        Ok(value)
    }
}

proptest! {
    #[test]
    fn group_by_makes_runs(steps in script(0u8..4)) {
        check(&steps, |source| source.group_by(|item| item / 2), |items| runs(items, |item| item / 2));
    }

    #[test]
    fn group_by_gives_back_the_run_that_has_begun(steps in script(0u8..4), polls in 0usize..20) {
        let source = Script::new(steps.iter().cloned());
        let mut stream = source.clone().group_by(|item| *item);
        let mut seen = Vec::new();
        for _ in 0..polls {
            if let Poll::Ready(Some((_, run))) = poll(&mut stream) {
                seen.extend(run);
            }
        }
        let (left, run) = stream.into_parts();
        seen.extend(run.into_iter().flat_map(|(_, run)| run));
        seen.extend(left.rest());
        assert_eq!(seen, items_of(&steps));
    }

    #[test]
    fn try_group_by_ends_at_the_first_error(steps in script(any::<Result<u8, u8>>())) {
        let key = |item: &u8| fails(*item).map(|item| item % 3);
        check(&steps, |source| source.try_group_by(key), |items| {
            let (good, error) = until_error(items);
            let keyed: Vec<u8> = good.iter().copied().map_while(|item| fails(item).ok()).collect();
            let own = good.get(keyed.len()).copied();
            let mut expected: Vec<_> = runs(keyed, |item| item % 3).into_iter().map(Ok).collect();
            expected.extend(own.or(error).map(Err));
            expected
        });
    }

    #[test]
    fn distinct_leaves_out_repetitions(steps in script(0u8..3)) {
        check(&steps, |source| source.distinct(), |mut items| { items.dedup(); items });
    }

    #[test]
    fn distinct_by_key_leaves_out_repetitions(steps in script(0u8..6)) {
        check(&steps, |source| source.distinct_by_key(|item| item / 2), |mut items| {
            items.dedup_by_key(|item| *item / 2);
            items
        });
    }

    #[test]
    fn try_distinct_by_key_ends_at_the_first_error(steps in script(any::<Result<u8, u8>>())) {
        let key = |item: &u8| fails(*item).map(|item| item / 64);
        check(&steps, |source| source.try_distinct_by_key(key), |items| {
            let (good, error) = until_error(items);
            let mut keyed: Vec<u8> = good.iter().copied().map_while(|item| fails(item).ok()).collect();
            let own = good.get(keyed.len()).copied();
            keyed.dedup_by_key(|item| *item / 64);
            keyed.into_iter().map(Ok).chain(own.or(error).map(Err)).collect()
        });
    }

    #[test]
    fn map_filter_maps_to_many(steps in script(0u8..4)) {
        let many = |item: u8| vec![item; usize::from(item)];
        check(&steps, |source| source.map_filter(many), |items| items.into_iter().flat_map(many).collect());
    }

    #[test]
    fn try_map_filter_ends_at_the_first_error(steps in script(any::<Result<u8, u8>>())) {
        let many = |item: u8| fails(item).map(|item| vec![item; usize::from(item % 3)]);
        check(&steps, |source| source.try_map_filter(many), |items| {
            let mut expected = Vec::new();
            for item in items {
                match item.and_then(many) {
                    Ok(items) => expected.extend(items.into_iter().map(Ok)),
                    Err(error) => {
                        expected.push(Err(error));
                        break;
                    }
                }
            }
            expected
        });
    }

    #[test]
    fn try_map_and_try_filter_end_at_the_first_error(steps in script(any::<Result<u8, u8>>())) {
        check(&steps, |source| source.try_map(fails), |items| {
            let mut failed = false;
            let checked = items.into_iter().map(|item| item.and_then(fails));
            checked.take_while(|item| !std::mem::replace(&mut failed, item.is_err())).collect()
        });
        let even = |item: &u8| fails(*item).map(|item| item % 2 == 0);
        check(&steps, |source| source.try_filter(even), |items| {
            let mut failed = false;
            let checked = items.into_iter().map(|item| item.and_then(|item| Ok((even(&item)?, item))));
            let until = checked.take_while(|item| !std::mem::replace(&mut failed, item.is_err()));
            until.filter(|item| !matches!(item, Ok((false, _)))).map(|item| item.map(|(_, item)| item)).collect()
        });
    }

    #[test]
    fn flatten_iter_flattens(steps in script(proptest::collection::vec(0u8..9, 0..4))) {
        check(&steps, |source| source.flatten_iter(), |items| items.concat());
    }

    #[test]
    fn flattening_gives_back_what_is_left(steps in script(proptest::collection::vec(0u8..9, 0..4)), polls in 0usize..30) {
        let source = Script::new(steps.iter().cloned());
        let mut stream = source.clone().flatten_iter();
        let mut seen = Vec::new();
        for _ in 0..polls {
            if let Poll::Ready(Some(item)) = poll(&mut stream) {
                seen.push(item);
            }
        }
        let (left, current) = stream.into_parts();
        seen.extend(current.into_iter().flatten());
        seen.extend(left.rest().concat());
        assert_eq!(seen, items_of(&steps).concat());
    }

    #[test]
    fn preflight_is_called_once_for_each_item(steps in script(0u8..9)) {
        let mut calls = 0;
        let source = Script::new(steps.iter().cloned());
        let items = drive(source.preflight(|| calls += 1));
        assert_eq!(items, items_of(&steps));
        assert_eq!(calls, items.len() + 1, "and once for the end");
        check(&steps, |source| source.preflight(|| ()), |items| items);
        check_holds_nothing(&steps, |source| source.preflight(|| ()));
    }

    #[test]
    fn try_preflight_ends_at_the_first_error(steps in script(any::<Result<u8, u8>>()), good in 0usize..10) {
        let build = |source: Script<Result<u8, u8>>| {
            let mut left = good;
            source.try_preflight(move || {
                left = left.checked_sub(1).ok_or(0u8)?;
                Ok(())
            })
        };
        check(&steps, build, |items| {
            let mut expected = Vec::new();
            for at in 0.. {
                match items.get(at) {
                    _ if at == good => expected.push(Err(0)),
                    Some(Ok(item)) => {
                        expected.push(Ok(*item));
                        continue;
                    }
                    Some(Err(error)) => expected.push(Err(*error)),
                    None => {}
                }
                break;
            }
            expected
        });
    }

    #[test]
    fn until_err_ends_after_the_first_error(steps in script(any::<Result<u8, u8>>())) {
        check(&steps, |source| source.until_err(), |items| {
            let (good, error) = until_error(items);
            good.into_iter().map(Ok).chain(error.map(Err)).collect()
        });
        check_holds_nothing(&steps, |source| source.until_err());
    }

    #[test]
    fn try_pipe_runs_any_pipe_over_the_values(steps in script(any::<Result<u8, u8>>())) {
        let build = |source: Script<Result<u8, u8>>| source.try_pipe(|values| values.map(u16::from).chunks(3));
        check(&steps, build, |items| {
            let (good, error) = until_error(items);
            let good: Vec<u16> = good.into_iter().map(u16::from).collect();
            good.chunks(3).map(|chunk| Ok(chunk.to_vec())).chain(error.map(Err)).collect()
        });
    }

    #[test]
    fn chunks_have_their_size(steps in script(any::<u8>()), size in 1usize..5) {
        check(&steps, |source| source.chunks(size), |items| items.chunks(size).map(<[u8]>::to_vec).collect());
    }

    #[test]
    fn chunks_give_back_the_list_that_has_begun(steps in script(any::<u8>()), size in 1usize..5, polls in 0usize..20) {
        let source = Script::new(steps.iter().cloned());
        let mut stream = source.clone().chunks(size);
        let mut seen = Vec::new();
        for _ in 0..polls {
            if let Poll::Ready(Some(chunk)) = poll(&mut stream) {
                seen.extend(chunk);
            }
        }
        let (left, begun) = stream.into_parts();
        seen.extend(begun);
        seen.extend(left.rest());
        assert_eq!(seen, items_of(&steps));
    }

    #[test]
    fn a_peekable_stream_loses_nothing(steps in script(any::<u8>()), looks in proptest::collection::vec(any::<bool>(), 0..40)) {
        check(&steps, |source| source.peekable(), |items| items);
        let source = Script::new(steps.iter().cloned());
        let mut stream = source.clone().peekable();
        let mut seen = Vec::new();
        for look in looks {
            if look {
                let mut peek = std::pin::pin!(stream.peek());
                // Dropped at once, whether it was ready or not.
                let _ = peek.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
            } else if let Poll::Ready(Some(item)) = poll(&mut stream) {
                seen.push(item);
            }
        }
        let (left, peeked) = stream.into_parts();
        seen.extend(peeked);
        seen.extend(left.rest());
        assert_eq!(seen, items_of(&steps));
    }

    #[test]
    fn cooperate_changes_nothing(steps in script(any::<u8>())) {
        check(&steps, |source| source.cooperate(), |items| items);
        check_holds_nothing(&steps, |source| source.cooperate());
    }

    #[test]
    fn collect_n_takes_no_more_than_it_was_told(steps in script(any::<u8>()), n in 0usize..9) {
        let source = Script::new(steps.iter().cloned());
        let items = items_of(&steps);
        let n = n.min(items.len());
        let taken = millstream::block_on(source.clone().collect_n(n));
        assert_eq!(taken, items[..n]);
        assert_eq!(source.rest(), items[n..]);
    }

    #[test]
    fn collect_n_into_keeps_what_it_took_when_dropped(steps in script(any::<u8>()), polls in 0usize..9) {
        let source = Script::new(steps.iter().cloned());
        let mut list = Vec::new();
        {
            let mut stream = source.clone();
            let mut collect = stream.collect_n_into(&mut list, 20);
            for _ in 0..polls {
                let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
                if std::pin::Pin::new(&mut collect).poll(context).is_ready() {
                    break;
                }
            }
        }
        list.extend(source.rest());
        assert_eq!(list, items_of(&steps));
    }
}

use std::future::Future;

#[test]
fn what_looks_for_an_item_gives_way() {
    check_gives_way(endless(1).group_by(|item| *item));
    check_gives_way(endless(Ok::<_, ()>(1)).try_group_by(|item| Ok(*item)));
    check_gives_way(endless(Vec::<u8>::new()).flatten_iter());
    check_gives_way(endless(1).map_filter(|_| None::<u8>));
    check_gives_way(endless(Ok::<_, ()>(1)).try_map_filter(|_| Ok(None::<u8>)));
    check_gives_way(endless(Ok::<_, ()>(1)).try_filter(|_| Ok(false)));
    check_gives_way(endless(1).chunks(1_000_000));
    let mut distinct = endless(1).distinct();
    assert_eq!(poll(&mut distinct), Poll::Ready(Some(1)));
    check_gives_way(distinct);
    let mut distinct = endless(1).distinct_by_key(|item| *item);
    assert_eq!(poll(&mut distinct), Poll::Ready(Some(1)));
    check_gives_way(distinct);
    let mut distinct = endless(Ok::<_, ()>(1)).try_distinct_by_key(|item| Ok(*item));
    assert_eq!(poll(&mut distinct), Poll::Ready(Some(Ok(1))));
    check_gives_way(distinct);
}

#[test]
fn consumers_that_loop_give_way() {
    let count = Count::new();
    let waker = std::task::Waker::from(count.clone());
    let mut source = endless(1);
    let mut collect = source.collect_n(1_000_000);
    let polled = std::pin::Pin::new(&mut collect).poll(&mut std::task::Context::from_waker(&waker));
    assert!(polled.is_pending());
    assert_eq!(count.get(), 1);
}

#[test]
fn an_endless_range_gives_way_under_any_operator() {
    check_gives_way(from_range(0u64..).filter(|_| false));
    check_gives_way(endless(1).cooperate().filter(|_| false));
    check_gives_way(from_range(0u64..).skip_while(|_| true));
}

#[test]
fn a_sibling_runs_beside_a_pipe_that_lets_nothing_through() {
    let mut manual = millstream::runtime::Manual::new();
    let (tx, rx) = millstream::bounded(1);
    let stop = from_range(0u64..).filter(|_| false).for_each(|_| ());
    manual.spawn(async move {
        futures_lite::future::or(stop, async move {
            rx.recv().await.unwrap();
        })
        .await;
    });
    manual.spawn(async move { tx.send(()).await.unwrap() });
    manual.run_until_stalled();
    assert_eq!(manual.tasks(), 0);
}

#[test]
fn degenerate_arguments() {
    millstream::block_on(async {
        assert_eq!(from_range(0..).take(0).count().await, 0);
        assert_eq!(from_range(0..3).collect_n(0).await, []);
        assert_eq!(from_range(0..0).group_by(|item| *item).count().await, 0);
        assert_eq!(from_range(0..0).chunks(3).count().await, 0);
        assert_eq!(
            from_range(0..3)
                .chunks(usize::MAX)
                .collect::<Vec<_>>()
                .await,
            [[0, 1, 2]]
        );
    });
    assert!(catch_unwind(|| from_range(0..3).chunks(0)).is_err());
    let source = Script::ready([1]);
    assert!(millstream::block_on(source.clone().collect_n(0)).is_empty());
    assert_eq!(
        source.polls(),
        0,
        "nothing is wanted, so nothing is asked for"
    );
}

#[test]
fn a_panic_of_a_closure_reaches_the_consumer_and_the_stream_goes_on() {
    fn check_panic<S: Stream + Unpin>(mut stream: S, then: S::Item)
    where
        S::Item: PartialEq + std::fmt::Debug,
    {
        assert!(catch_unwind(AssertUnwindSafe(|| poll(&mut stream).is_ready())).is_err());
        assert_eq!(poll(&mut stream), Poll::Ready(Some(then)));
    }
    let source = || Script::ready([1, 2, 3, 3]);
    let bad = |item: &i32| {
        if *item == 1 {
            std::panic::resume_unwind(Box::new("bad"));
        }
        *item
    };
    check_panic(source().group_by(bad), (2, vec![2]));
    check_panic(source().distinct_by_key(bad), 2);
    check_panic(source().map_filter(|item| Some(bad(&item))), 2);
    let mut calls = 0;
    let first = move || {
        calls += 1;
        bad(&calls);
    };
    check_panic(source().preflight(first), 1);
}

#[test]
fn a_panic_of_the_source_reaches_the_consumer() {
    let mut stream = Script::new([Step::Item(1), Step::Panic, Step::Item(2)]).chunks(2);
    assert!(catch_unwind(AssertUnwindSafe(|| poll(&mut stream).is_ready())).is_err());
    assert_eq!(
        poll(&mut stream),
        Poll::Ready(Some(vec![1, 2])),
        "what it held is still there"
    );
}
