//! Sources that follow a script, and what every operator over them must do.

#![allow(dead_code)] // Each test file uses its part of this.

use futures_core::Stream;
use proptest::prelude::*;
use std::collections::VecDeque;
use std::fmt::Debug;
use std::panic::resume_unwind;
use std::pin::{pin, Pin};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// What a source does at one poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<T> {
    Item(T),
    /// It has nothing, and wakes the task at once.
    Pending,
    /// It panics.
    Panic,
}

/// A source that does one step of its script at each poll. Clones share the script, so what a dropped stream has not
/// pulled is still to be had.
pub struct Script<T> {
    shared: Arc<Mutex<Shared<T>>>,
}

struct Shared<T> {
    steps: VecDeque<Step<T>>,
    polls: usize,
    pulled: usize,
}

impl<T> Clone for Script<T> {
    fn clone(&self) -> Self {
        Script {
            shared: self.shared.clone(),
        }
    }
}

impl<T> Script<T> {
    pub fn new(steps: impl IntoIterator<Item = Step<T>>) -> Self {
        Script {
            shared: Arc::new(Mutex::new(Shared {
                steps: steps.into_iter().collect(),
                polls: 0,
                pulled: 0,
            })),
        }
    }

    /// Items without a pause.
    pub fn ready(items: impl IntoIterator<Item = T>) -> Self {
        Self::new(items.into_iter().map(Step::Item))
    }

    pub fn polls(&self) -> usize {
        self.shared.lock().unwrap().polls
    }

    pub fn pulled(&self) -> usize {
        self.shared.lock().unwrap().pulled
    }

    /// The items that were not pulled.
    pub fn rest(&self) -> Vec<T>
    where
        T: Clone,
    {
        items_of(self.shared.lock().unwrap().steps.iter())
    }
}

/// The items of a script.
pub fn items_of<'a, T: Clone + 'a>(steps: impl IntoIterator<Item = &'a Step<T>>) -> Vec<T> {
    let item = |step: &Step<T>| match step {
        Step::Item(item) => Some(item.clone()),
        _ => None,
    };
    steps.into_iter().filter_map(item).collect()
}

impl<T> Stream for Script<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut shared = self.shared.lock().unwrap();
        shared.polls += 1;
        match shared.steps.pop_front() {
            Some(Step::Item(item)) => {
                shared.pulled += 1;
                Poll::Ready(Some(item))
            }
            Some(Step::Pending) => {
                drop(shared);
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Panic) => {
                drop(shared);
                resume_unwind(Box::new("scripted"))
            }
            None => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let shared = self.shared.lock().unwrap();
        let items = shared
            .steps
            .iter()
            .filter(|step| matches!(step, Step::Item(_)))
            .count();
        (items, Some(items))
    }
}

/// Any script of items and pauses.
pub fn script<T: Debug + Clone + 'static>(
    item: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Vec<Step<T>>> {
    let step = prop_oneof![3 => item.prop_map(Step::Item), 1 => Just(Step::Pending)];
    prop::collection::vec(step, 0..24)
}

/// Counts wakes.
#[derive(Default)]
pub struct Count(AtomicUsize);

impl Count {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// One poll, with a waker that nobody looks at.
pub fn poll<S: Stream + Unpin + ?Sized>(stream: &mut S) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop()))
}

/// One poll, with a waker that counts.
pub fn poll_with<S: Stream + Unpin + ?Sized>(
    stream: &mut S,
    count: &Arc<Count>,
) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(&Waker::from(count.clone())))
}

/// Polls to the end, only when woken, each time with another waker; checks the size hint at each step.
pub fn drive<S: Stream>(stream: S) -> Vec<S::Item> {
    let mut stream = pin!(stream);
    let mut items = Vec::new();
    let mut hints = Vec::new();
    let mut pauses = 0;
    loop {
        hints.push((items.len(), stream.size_hint()));
        let count = Count::new();
        let waker = Waker::from(count.clone());
        match stream.as_mut().poll_next(&mut Context::from_waker(&waker)) {
            Poll::Ready(Some(item)) => items.push(item),
            Poll::Ready(None) => break,
            Poll::Pending => {
                assert!(
                    count.get() > 0,
                    "the source woke, and the consumer was not told"
                );
                pauses += 1;
                assert!(pauses < 100_000, "it waits for ever");
            }
        }
    }
    for (before, (lower, upper)) in hints {
        let left = items.len() - before;
        assert!(lower <= left, "{lower} were promised and {left} came");
        assert!(
            upper.is_none_or(|upper| left <= upper),
            "{left} came and {upper:?} were promised at most"
        );
    }
    items
}

/// Checks an operator against a plain function over all items: lazy when made, the same items, honest size hints.
pub fn check<T, S>(
    steps: &[Step<T>],
    build: impl Fn(Script<T>) -> S,
    model: impl Fn(Vec<T>) -> Vec<S::Item>,
) where
    T: Clone,
    S: Stream,
    S::Item: PartialEq + Debug,
{
    let source = Script::new(steps.iter().cloned());
    let stream = build(source.clone());
    assert_eq!(source.polls(), 0, "nothing happens before the first poll");
    assert_eq!(drive(stream), model(items_of(steps)));
}

/// Drops an operator after each number of polls: what it yielded and what is left in the source is everything.
pub fn check_holds_nothing<T, S>(steps: &[Step<T>], build: impl Fn(Script<T>) -> S)
where
    T: Clone + PartialEq + Debug,
    S: Stream<Item = T>,
{
    for polls in 0..=steps.len() + 1 {
        let source = Script::new(steps.iter().cloned());
        let mut yielded = Vec::new();
        {
            let mut stream = pin!(build(source.clone()));
            for _ in 0..polls {
                let polled = stream
                    .as_mut()
                    .poll_next(&mut Context::from_waker(Waker::noop()));
                if let Poll::Ready(Some(item)) = polled {
                    yielded.push(item);
                }
            }
        }
        yielded.extend(source.rest());
        assert_eq!(yielded, items_of(steps), "dropped after {polls} polls");
    }
}

/// A source that always has the same item. It ends when it was asked far too often in one poll of its consumer.
pub struct Endless<T> {
    pub item: T,
    pub asked: usize,
}

/// More items than this in one poll are too many.
pub const TOO_MANY: usize = 10_000;

impl<T: Clone + Unpin> Stream for Endless<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        self.asked += 1;
        assert!(self.asked < TOO_MANY, "no sibling would ever have a turn");
        Poll::Ready(Some(self.item.clone()))
    }
}

pub fn endless<T>(item: T) -> Endless<T> {
    Endless { item, asked: 0 }
}

/// Checks that a stream which never comes to an item gives way, and goes on when it is polled again.
pub fn check_gives_way<S: Stream>(stream: S) {
    let mut stream = pin!(stream);
    for _ in 0..3 {
        let count = Count::new();
        let waker = Waker::from(count.clone());
        let polled = stream.as_mut().poll_next(&mut Context::from_waker(&waker));
        assert!(polled.is_pending(), "it has nothing to yield");
        assert!(count.get() > 0, "it wants to go on");
    }
}
