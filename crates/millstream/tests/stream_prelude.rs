//! One `use` has the whole vocabulary: every name is used here, and none is ambiguous.

use millstream::prelude::*;
use millstream::runtime::Manual;
use std::time::Duration;

#[test]
fn every_name_of_the_base_is_there() {
    millstream::block_on(async {
        let numbers = || from_range(0..6);
        assert_eq!(numbers().next().await, Some(0));
        assert_eq!(numbers().map(Ok::<_, ()>).try_next().await, Ok(Some(0)));
        assert_eq!(numbers().count().await, 6);
        assert_eq!(numbers().map(|n| n + 1).last().await, Some(6));
        assert_eq!(numbers().flat_map(|n| from_range(0..n)).count().await, 15);
        assert_eq!(
            from_range([numbers(), numbers()]).flatten().count().await,
            12
        );
        assert_eq!(numbers().then(|n| async move { n }).count().await, 6);
        assert_eq!(numbers().filter(|n| n % 2 == 0).count().await, 3);
        assert_eq!(
            numbers().filter_map(|n| (n > 3).then_some(n)).count().await,
            2
        );
        assert_eq!(numbers().take(2).count().await, 2);
        assert_eq!(numbers().take_while(|n| *n < 2).count().await, 2);
        assert_eq!(
            numbers().map_while(|n| (n < 2).then_some(n)).count().await,
            2
        );
        assert_eq!(numbers().skip(2).count().await, 4);
        assert_eq!(numbers().skip_while(|n| *n < 2).count().await, 4);
        assert_eq!(numbers().step_by(2).count().await, 3);
        assert_eq!(numbers().chain(numbers()).count().await, 12);
        assert_eq!(from_range(&[1, 2]).cloned().count().await, 2);
        assert_eq!(from_range(&[1, 2]).copied().count().await, 2);
        assert_eq!(numbers().collect::<Vec<_>>().await.len(), 6);
        let all: Result<Vec<_>, ()> = numbers().map(Ok).try_collect().await;
        assert_eq!(all.unwrap().len(), 6);
        let (even, odd): (Vec<_>, Vec<_>) = numbers().partition(|n| n % 2 == 0).await;
        assert_eq!((even.len(), odd.len()), (3, 3));
        assert_eq!(numbers().fold(0, |sum, n| sum + n).await, 15);
        assert_eq!(
            numbers()
                .map(Ok::<_, ()>)
                .try_fold(0, |sum, n| Ok(sum + n))
                .await,
            Ok(15)
        );
        let sums = numbers().scan(0, |sum, n| {
            *sum += n;
            Some(*sum)
        });
        assert_eq!(sums.last().await, Some(15));
        assert_eq!(numbers().fuse().count().await, 6);
        assert_eq!(numbers().collect::<Vec<_>>().await.len(), 6);
        assert_eq!(from_range(0..2).cycle().take(5).count().await, 5);
        assert_eq!(numbers().enumerate().last().await, Some((5, 5)));
        assert_eq!(numbers().inspect(|_| ()).count().await, 6);
        assert_eq!(numbers().nth(2).await, Some(2));
        assert_eq!(numbers().find(|n| *n == 2).await, Some(2));
        assert_eq!(
            numbers().find_map(|n| (n == 2).then_some(())).await,
            Some(())
        );
        assert_eq!(numbers().position(|n| n == 2).await, Some(2));
        assert!(numbers().all(|n| n < 6).await);
        assert!(numbers().any(|n| n == 5).await);
        numbers().for_each(|_| ()).await;
        assert_eq!(
            numbers()
                .map(Ok::<_, ()>)
                .try_for_each(|n| n.map(|_| ()))
                .await,
            Ok(())
        );
        assert_eq!(numbers().zip(numbers()).count().await, 6);
        let (left, right): (Vec<_>, Vec<_>) = numbers().map(|n| (n, n)).unzip().await;
        assert_eq!(left, right);
        assert_eq!(numbers().or(numbers()).count().await, 12);
        assert_eq!(numbers().drain().count().await, 6);
        assert_eq!(numbers().boxed().count().await, 6);
        assert_eq!(numbers().boxed_local().count().await, 6);
    });
}

#[test]
fn every_name_of_our_own_is_there() {
    let mut manual = Manual::new();
    manual.block_on(async {
        let numbers = || from_range(0..6);
        let results = || numbers().map(Ok::<_, ()>);
        let futures = || numbers().map(|n| async move { n });
        let second = Duration::from_secs(1);
        // What the base lacks.
        assert_eq!(numbers().chunks(4).count().await, 2);
        assert_eq!(numbers().peekable().peek().await, Some(&mut 0));
        assert_eq!(futures().buffered(2).count().await, 6);
        assert_eq!(futures().buffer_unordered(2).count().await, 6);
        assert_eq!(results().try_filter(|n| Ok(*n > 3)).count().await, 2);
        // What is our own.
        assert_eq!(numbers().group_by(|n| n / 2).count().await, 3);
        assert_eq!(results().try_group_by(|n| Ok(n / 2)).count().await, 3);
        assert_eq!(numbers().distinct().count().await, 6);
        assert_eq!(numbers().distinct_by_key(|n| n / 2).count().await, 3);
        assert_eq!(
            results().try_distinct_by_key(|n| Ok(n / 2)).count().await,
            3
        );
        assert_eq!(numbers().map_filter(|n| [n, n]).count().await, 12);
        assert_eq!(results().try_map_filter(|n| Ok([n, n])).count().await, 12);
        assert_eq!(results().try_map(Ok).count().await, 6);
        assert_eq!(numbers().map(|n| [n]).flatten_iter().count().await, 6);
        assert_eq!(numbers().preflight(|| ()).count().await, 6);
        assert_eq!(results().try_preflight(|| Ok(())).count().await, 6);
        assert_eq!(results().until_err().count().await, 6);
        assert_eq!(results().try_pipe(|values| values.skip(1)).count().await, 5);
        assert_eq!(
            from_range([numbers(), numbers()])
                .merge_all(2)
                .count()
                .await,
            12
        );
        assert_eq!(numbers().fork(1).count().await, 6);
        assert_eq!(numbers().fork_unbounded().count().await, 6);
        assert_eq!(numbers().share().count().await, 6);
        let (gate, keeper) = numbers().gate();
        keeper.stop();
        assert_eq!(gate.count().await, 0);
        assert_eq!(numbers().stoppable().0.count().await, 6);
        assert_eq!(numbers().buffer_ahead(2).count().await, 6);
        assert_eq!(numbers().active(2).count().await, 6);
        let (tx, rx) = millstream::unbounded();
        assert_eq!(
            numbers().forward_into(tx.clone(), AtEnd::KeepOpen).await,
            Ok(6)
        );
        assert_eq!(results().try_forward_into(tx, AtEnd::Close).await, Ok(6));
        assert_eq!(rx.count().await, 12);
        assert_eq!(numbers().collect_n(2).await.len(), 2);
        assert_eq!(numbers().collect_n_into(&mut Vec::new(), 2).await, 2);
        assert_eq!(numbers().cooperate().count().await, 6);
        assert_eq!(numbers().throttle(second).count().await, 6);
        assert_eq!(numbers().debounce(second).count().await, 1);
        assert_eq!(numbers().batch(4, second).count().await, 2);
        // And the functions.
        assert_eq!(merge([numbers(), numbers()]).count().await, 12);
        assert_eq!(zip_all([numbers(), numbers()]).count().await, 6);
        assert_eq!(zip_longest([numbers(), numbers()]).count().await, 6);
        assert_eq!(
            zip_receivers([millstream::from_iter(0..3)]).count().await,
            3
        );
        assert!(recv_row([&millstream::from_iter(0..3)]).await.is_ok());
        assert_eq!(combine_latest([numbers(), numbers()]).count().await, 11);
        assert_eq!(
            combine_latest_partial([numbers(), numbers()]).count().await,
            12
        );
        assert_eq!((numbers(), numbers()).combine_latest().count().await, 11);
        let emitted = generate(|emit: Emitter<u8>| async move { emit.emit(1).await });
        assert_eq!(emitted.count().await, 1);
        let emitted = try_generate(|emit: Emitter<u8>| async move {
            emit.emit(1).await;
            Ok::<_, ()>(())
        });
        assert_eq!(emitted.count().await, 1);
        let (push, pushed) = push_stream::<u8>();
        drop(push);
        assert_eq!(pushed.count().await, 0);
        yield_now().await;
        let _: ForwardError<u8> = ForwardError {
            sent: 0,
            unsent: None,
        };
        let _: Option<TryForwardError<u8, ()>> = None;
        fn is_fused(_: impl FusedStream) {}
        is_fused(merge([numbers()]));
        fn is_stream(_: impl Stream) {}
        is_stream(numbers());
    });
}

#[test]
fn a_receivers_own_methods_come_first() {
    let (tx, rx) = millstream::unbounded();
    tx.try_send(1).unwrap();
    assert_eq!(rx.drain().count(), 1, "an iterator, not a stream");
    drop(tx);
    assert!(rx.iter().next().is_none());
}
