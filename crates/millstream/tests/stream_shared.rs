//! One stream for many consumers: share and fork.

mod stream_support;

use futures_core::Stream;
use millstream::prelude::*;
use proptest::collection::vec;
use proptest::prelude::{any, prop_oneof, proptest, Strategy};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::mpsc;
use std::task::Poll;
use std::thread;
use stream_support::*;

/// What a test does with one of several handles.
#[derive(Clone, Debug)]
enum Act {
    Poll(usize),
    Clone(usize),
    ClonePassive(usize),
    Drop(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    vec(
        prop_oneof![
            8 => (0usize..8).prop_map(Act::Poll),
            1 => (0usize..8).prop_map(Act::Clone),
            1 => (0usize..8).prop_map(Act::ClonePassive),
            1 => (0usize..8).prop_map(Act::Drop),
        ],
        0..60,
    )
}

proptest! {
    #[test]
    fn share_alone_changes_nothing(steps in script(any::<u8>())) {
        check(&steps, |source| source.share(), |items| items);
        check_holds_nothing(&steps, |source| source.share());
    }

    #[test]
    fn each_shared_item_goes_to_exactly_one(steps in script(any::<u8>()), acts in acts()) {
        let source = Script::new(steps.iter().cloned());
        let mut handles = vec![source.clone().share()];
        assert_eq!(source.polls(), 0);
        let mut seen = Vec::new();
        for act in acts {
            let count = handles.len();
            if count == 0 {
                break;
            }
            match act {
                Act::Poll(at) => if let Poll::Ready(Some(item)) = poll(&mut handles[at % count]) {
                    seen.push(item);
                },
                Act::Clone(at) | Act::ClonePassive(at) => handles.push(handles[at % count].clone()),
                Act::Drop(at) => drop(handles.swap_remove(at % count)),
            }
        }
        // Whoever is left finishes it.
        if let Some(last) = handles.pop() {
            seen.extend(drive(last));
        }
        seen.extend(source.rest());
        assert_eq!(seen, items_of(&steps));
    }

    #[test]
    fn a_fork_alone_changes_nothing(steps in script(any::<u8>()), limit in 1usize..4) {
        check(&steps, |source| source.fork(limit), |items| items);
        check(&steps, |source| source.fork_unbounded(), |items| items);
        check_holds_nothing(&steps, |source| source.fork(limit));
    }

    #[test]
    fn each_fork_sees_each_item(steps in script(any::<u8>()), acts in acts(), limit in 1usize..9) {
        let items = items_of(&steps);
        let source = Script::new(steps.iter().cloned());
        // Each fork with what it, and the fork it was made of, has seen.
        let mut forks = vec![(source.clone().fork(limit), Vec::new())];
        assert_eq!(source.polls(), 0);
        for act in acts {
            let count = forks.len();
            if count == 0 {
                break;
            }
            match act {
                Act::Poll(at) => {
                    let (fork, seen) = &mut forks[at % count];
                    match poll(fork) {
                        Poll::Ready(Some(item)) => seen.push(item),
                        Poll::Ready(None) if fork.is_active() => assert_eq!(*seen, items),
                        _ => {}
                    }
                }
                Act::Clone(at) => forks.push(forks[at % count].clone()),
                Act::ClonePassive(at) => {
                    let (fork, seen) = &forks[at % count];
                    forks.push((fork.passive(), seen.clone()));
                }
                Act::Drop(at) => drop(forks.swap_remove(at % count)),
            }
            for (_, seen) in &forks {
                assert!(items.starts_with(seen), "{seen:?} is not how {items:?} begins");
            }
            let slowest = forks.iter().map(|(_, seen)| seen.len()).min();
            let kept = slowest.map_or(0, |slowest| source.pulled() - slowest);
            assert!(kept <= limit, "{kept} kept with a limit of {limit}");
        }
        // All that are left go on together to the end.
        let any_active = forks.iter().any(|(fork, _)| fork.is_active());
        let pulled = source.pulled();
        let mut done = vec![false; forks.len()];
        for _ in 0..1000 {
            for ((fork, seen), done) in forks.iter_mut().zip(&mut done) {
                match poll(fork) {
                    Poll::Ready(Some(item)) => seen.push(item),
                    Poll::Ready(None) => *done = true,
                    Poll::Pending => {}
                }
            }
        }
        for ((fork, seen), done) in forks.iter().zip(done) {
            assert!(done, "{fork:?} never ended");
            assert_eq!(*seen, items[..if any_active { items.len() } else { pulled }]);
        }
    }
}

#[test]
fn a_shared_consumer_that_is_dropped_while_it_waits_truncates_nothing() {
    let (tx, rx) = millstream::bounded(4);
    let mut one = rx.share();
    let mut other = one.clone();
    let (first, second) = (Count::new(), Count::new());
    assert!(poll_with(&mut one, &first).is_pending());
    assert!(poll_with(&mut other, &second).is_pending());
    tx.try_send(1).unwrap();
    drop(one);
    assert!(second.get() > 0, "the other is told");
    assert_eq!(poll(&mut other), Poll::Ready(Some(1)));
    assert!(poll(&mut other).is_pending());
    drop(tx);
    assert_eq!(poll(&mut other), Poll::Ready(None));
}

#[test]
fn a_shared_consumer_that_is_left_aside_holds_up_nobody() {
    let (tx, rx) = millstream::bounded(4);
    let mut aside = rx.share();
    let mut other = aside.clone();
    let count = Count::new();
    assert!(poll(&mut aside).is_pending());
    assert!(poll_with(&mut other, &count).is_pending());
    for item in 0..3 {
        let before = count.get();
        tx.try_send(item).unwrap();
        assert!(count.get() > before);
        assert_eq!(poll_with(&mut other, &count), Poll::Ready(Some(item)));
        assert!(poll_with(&mut other, &count).is_pending());
    }
    std::mem::forget(aside);
    tx.try_send(3).unwrap();
    assert_eq!(poll(&mut other), Poll::Ready(Some(3)));
}

#[test]
fn a_consumer_that_gets_an_item_tells_the_others_that_there_may_be_more() {
    // A source that has nothing at first, and tells nobody when that changes, as those do that are not waited for.
    let mut polls = 0;
    let mut one = futures_lite::stream::poll_fn(move |_| {
        polls += 1;
        match polls {
            1 => Poll::Pending,
            _ => Poll::Ready(Some(polls - 1)),
        }
    })
    .share();
    let mut other = one.clone();
    let (first, second) = (Count::new(), Count::new());
    assert!(poll_with(&mut other, &second).is_pending());
    assert_eq!(poll_with(&mut one, &first), Poll::Ready(Some(1)));
    assert_eq!(second.get(), 1);
    assert_eq!(first.get(), 0, "and not itself");
    assert_eq!(poll(&mut other), Poll::Ready(Some(2)));
}

#[test]
fn many_threads_share_a_stream() {
    let shared = from_range(0..20_000u64).share();
    let (tell, told) = mpsc::channel();
    for _ in 0..4 {
        let (mut shared, tell) = (shared.clone(), tell.clone());
        thread::spawn(move || {
            millstream::block_on(async {
                while let Some(item) = shared.next().await {
                    tell.send(item).unwrap();
                }
            });
        });
    }
    drop((shared, tell));
    let mut items: Vec<u64> = told.iter().collect();
    items.sort_unstable();
    assert_eq!(items, (0..20_000).collect::<Vec<_>>());
}

#[test]
fn many_threads_fork_a_stream() {
    let fork = from_range(0..2_000u64).fork(16);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let fork = fork.clone();
            thread::spawn(move || millstream::block_on(fork.collect::<Vec<_>>()))
        })
        .collect();
    let passive = fork.passive();
    let watcher = thread::spawn(move || millstream::block_on(passive.collect::<Vec<_>>()));
    // This one would hold the others up if it stayed.
    drop(fork);
    for thread in threads.into_iter().chain([watcher]) {
        assert_eq!(thread.join().unwrap(), (0..2_000).collect::<Vec<_>>());
    }
}

#[test]
fn forks_that_drive_are_dropped_and_the_others_go_on() {
    let (tx, rx) = millstream::bounded(4);
    let mut driver = rx.fork(8);
    let mut other = driver.clone();
    let mut passive = driver.passive();
    let (first, second, third) = (Count::new(), Count::new(), Count::new());
    assert!(poll_with(&mut driver, &first).is_pending());
    assert!(poll_with(&mut other, &second).is_pending());
    assert!(poll_with(&mut passive, &third).is_pending());
    drop(driver);
    tx.try_send(1).unwrap();
    assert!(second.get() > 0);
    assert_eq!(poll_with(&mut other, &second), Poll::Ready(Some(1)));
    assert!(third.get() > 0, "there is something to see");
    assert_eq!(poll(&mut passive), Poll::Ready(Some(1)));
}

#[test]
fn the_fastest_fork_waits_for_the_slowest_at_the_bound_and_is_told() {
    let mut fast = Script::ready(0..9).fork(2);
    let mut slow = fast.clone();
    let count = Count::new();
    assert_eq!(poll(&mut fast), Poll::Ready(Some(0)));
    assert_eq!(poll(&mut fast), Poll::Ready(Some(1)));
    assert!(poll_with(&mut fast, &count).is_pending());
    assert_eq!(poll(&mut slow), Poll::Ready(Some(0)));
    assert_eq!(count.get(), 1);
    assert_eq!(poll_with(&mut fast, &count), Poll::Ready(Some(2)));
    assert!(poll_with(&mut fast, &count).is_pending());
    drop(slow);
    assert_eq!(count.get(), 2);
    assert_eq!(poll(&mut fast), Poll::Ready(Some(3)));
}

#[test]
fn a_passive_fork_never_asks_and_ends_with_the_last_active_one() {
    let source = Script::ready(0..9);
    let mut active = source.clone().fork_unbounded();
    let mut passive = active.passive();
    let count = Count::new();
    assert!(poll_with(&mut passive, &count).is_pending());
    assert_eq!(source.polls(), 0);
    assert_eq!(poll(&mut active), Poll::Ready(Some(0)));
    assert_eq!(passive.available(), 1);
    assert_eq!(poll(&mut active), Poll::Ready(Some(1)));
    assert!(count.get() > 0);
    drop(active);
    assert_eq!(drive(passive), [0, 1]);
    assert_eq!(source.pulled(), 2);
}

#[test]
fn errors_and_the_end_reach_every_fork() {
    let fork = Script::ready([Ok(1), Err("bad"), Ok(2)]).fork_unbounded();
    let forks = [fork.clone(), fork.clone(), fork.passive(), fork];
    for fork in forks {
        assert_eq!(drive(fork), [Ok(1), Err("bad"), Ok(2)]);
    }
}

#[test]
fn a_panic_of_the_source_reaches_every_consumer() {
    let panics = |poll: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(poll)).is_err();
    let mut one = Script::new([Step::Item(1), Step::Panic]).share();
    let mut other = one.clone();
    let count = Count::new();
    assert_eq!(poll(&mut one), Poll::Ready(Some(1)));
    assert!(panics(&mut || assert!(
        poll_with(&mut one, &count).is_ready()
    )));
    assert!(panics(&mut || assert!(poll(&mut other).is_ready())));

    let mut one = Script::new([Step::Item(1), Step::Panic]).fork(4);
    let (mut other, mut passive) = (one.clone(), one.passive());
    assert_eq!(poll(&mut one), Poll::Ready(Some(1)));
    assert!(panics(&mut || assert!(poll(&mut one).is_ready())));
    assert_eq!(
        poll(&mut other),
        Poll::Ready(Some(1)),
        "what was there is still seen"
    );
    assert_eq!(poll(&mut passive), Poll::Ready(Some(1)));
    assert!(panics(&mut || assert!(poll(&mut other).is_ready())));
    assert!(
        panics(&mut || assert!(poll(&mut passive).is_ready())),
        "a panic is not an end"
    );
}

#[test]
fn a_consumer_that_waits_during_a_panic_is_told() {
    // The second consumer comes while the first is inside the source.
    let (enter, entered) = mpsc::channel();
    let (go, gone) = mpsc::channel::<()>();
    let mut first = true;
    let source = futures_lite::stream::poll_fn(move |_| -> Poll<Option<u8>> {
        assert!(std::mem::take(&mut first));
        enter.send(()).unwrap();
        gone.recv().unwrap();
        std::panic::resume_unwind(Box::new("scripted"));
    });
    let mut one = source.share();
    let mut other = one.clone();
    let driver = thread::spawn(move || millstream::block_on(one.next()));
    entered.recv().unwrap();
    let count = Count::new();
    assert!(poll_with(&mut other, &count).is_pending());
    go.send(()).unwrap();
    assert!(driver.join().is_err());
    assert!(count.get() > 0);
}

#[test]
fn a_wake_up_during_the_poll_of_another_consumer_is_not_lost() {
    // The source wakes, then the second consumer comes, and then the first finds nothing and never comes back.
    let (enter, entered) = mpsc::channel();
    let (go, gone) = mpsc::channel::<()>();
    let mut polls = 0;
    let source = futures_lite::stream::poll_fn(move |context| {
        polls += 1;
        if polls > 1 {
            return Poll::Ready(Some(7u8));
        }
        context.waker().wake_by_ref();
        enter.send(()).unwrap();
        gone.recv().unwrap();
        Poll::Pending
    });
    let mut one = source.share();
    let mut other = one.clone();
    let driver = thread::spawn(move || {
        assert!(poll(&mut one).is_pending());
        one
    });
    entered.recv().unwrap();
    let count = Count::new();
    assert!(poll_with(&mut other, &count).is_pending());
    go.send(()).unwrap();
    let _aside = driver.join().unwrap();
    assert!(count.get() > 0);
    assert_eq!(poll(&mut other), Poll::Ready(Some(7)));
}

#[test]
fn wakers_go_with_the_handle() {
    let (_tx, rx) = millstream::bounded::<u8>(1);
    let mut one = rx.share();
    let other = one.clone();
    let count = Count::new();
    assert!(poll_with(&mut one, &count).is_pending());
    drop(one);
    assert_eq!(std::sync::Arc::strong_count(&count), 1);
    drop(other);
}

#[test]
fn a_lag_of_a_million_items_is_no_trouble() {
    let fast = from_range(0..1_000_000).fork_unbounded();
    let slow = fast.clone();
    assert_eq!(millstream::block_on(fast.count()), 1_000_000);
    drop(slow);
}

#[test]
fn a_fork_must_be_allowed_to_keep_an_item() {
    assert!(catch_unwind(|| from_range(0..1).fork(0)).is_err());
}

#[test]
fn handles_cross_threads() {
    fn is_send_and_sync<T: Send + Sync>(_: &T) {}
    let (_tx, rx) = millstream::bounded::<u8>(1);
    is_send_and_sync(&rx.share());
    let (_tx, rx) = millstream::bounded::<u8>(1);
    is_send_and_sync(&rx.fork(1));
}

#[test]
fn a_fork_that_comes_late_to_the_source_keeps_to_the_bound() {
    use millstream_testkit::waker::{Moment, Probe};
    use std::sync::Mutex;

    // One fork is inside the source when another, which has seen everything, comes for more. While that one enters
    // itself among those that wait, the first gets its item, which fills the bound: no second one may be asked for.
    let (enter, entered) = mpsc::channel();
    let (go, gone) = mpsc::channel::<()>();
    let mut polls = 0;
    let source = futures_lite::stream::poll_fn(move |_| {
        polls += 1;
        assert_eq!(polls, 1, "more was asked for than the bound allows");
        enter.send(()).unwrap();
        gone.recv().unwrap();
        Poll::Ready(Some(7u8))
    });
    let mut one = source.fork(1);
    let mut other = one.clone();
    let driver = thread::spawn(move || {
        assert_eq!(poll(&mut one), Poll::Ready(Some(7)));
        one
    });
    entered.recv().unwrap();
    let (clone, cloning) = mpsc::channel();
    let (go_on, gone_on) = mpsc::channel::<()>();
    let hook = Mutex::new((clone, gone_on));
    let probe = Probe::hooked(Moment::Clone, move || {
        let hook = hook.lock().unwrap();
        hook.0.send(()).unwrap();
        hook.1.recv().unwrap();
    });
    let late = thread::spawn(move || {
        let waker = probe.waker();
        probe.arm();
        std::pin::Pin::new(&mut other).poll_next(&mut std::task::Context::from_waker(&waker))
    });
    cloning.recv().unwrap();
    go.send(()).unwrap();
    let _one = driver.join().unwrap();
    go_on.send(()).unwrap();
    assert_eq!(late.join().unwrap(), Poll::Ready(Some(7)));
}

#[test]
fn a_clone_that_panics_costs_nobody_else_an_item() {
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    use std::sync::Arc;

    struct Touchy(u8, Arc<AtomicBool>);
    impl Clone for Touchy {
        fn clone(&self) -> Self {
            if self.1.load(SeqCst) {
                std::panic::resume_unwind(Box::new("scripted"));
            }
            Touchy(self.0, self.1.clone())
        }
    }
    let touchy = Arc::new(AtomicBool::new(true));
    let mut one = from_range([Touchy(1, touchy.clone()), Touchy(2, touchy.clone())]).fork(4);
    let mut other = one.clone();
    assert!(catch_unwind(AssertUnwindSafe(|| poll(&mut one).is_ready())).is_err());
    touchy.store(false, SeqCst);
    let next = |fork: &mut _| match poll(fork) {
        Poll::Ready(item) => item.map(|item: Touchy| item.0),
        Poll::Pending => None,
    };
    assert_eq!(next(&mut one), Some(2));
    assert_eq!(next(&mut other), Some(1));
    assert_eq!(next(&mut other), Some(2));
}

#[test]
fn a_passive_fork_looks_once_more_before_it_waits() {
    use millstream_testkit::waker::{Moment, Probe};
    use std::sync::Mutex;

    // Between the look that found nothing and the waiting, the active fork has an item.
    let active = Script::ready([7]).fork_unbounded();
    let mut passive = active.passive();
    let active = Mutex::new(active);
    let probe = Probe::hooked(Moment::Clone, move || {
        assert_eq!(poll(&mut *active.lock().unwrap()), Poll::Ready(Some(7)));
    });
    let waker = probe.waker();
    probe.arm();
    let polled =
        std::pin::Pin::new(&mut passive).poll_next(&mut std::task::Context::from_waker(&waker));
    probe.disarm();
    assert_eq!(polled, Poll::Ready(Some(7)));
}
