//! Our own operators beside those of `futures-util`: no name is ambiguous.

use futures_util::{StreamExt, TryStreamExt};
use millstream::stream::{from_range, AtEnd, MillstreamExt};
use std::future::ready;
use std::time::Duration;

#[test]
fn no_name_is_ambiguous() {
    let mut manual = millstream::runtime::Manual::new();
    manual.block_on(async {
        let numbers = || from_range(0..6);
        let results = || numbers().map(Ok::<_, ()>);
        let second = Duration::from_secs(1);
        assert_eq!(numbers().chunks(4).count().await, 2);
        assert_eq!(numbers().filter(|n| ready(*n > 3)).count().await, 2);
        assert_eq!(
            results()
                .try_filter(|n| ready(*n > 3))
                .try_collect::<Vec<_>>()
                .await,
            Ok(vec![4, 5])
        );
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
    });
}
