//! Every value to the subscribers of its topic.

use super::outlets::{Bound, Outlets};
use crate::channel::{unbounded, Receiver, Sender};
use crate::runtime::{self, Turn};
use crate::select;
use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Gives every value of a channel to the subscribers of its topic (aiochan's `Pub`).
///
/// A function says which topic a value belongs to. Subscriptions come and go while it runs: a subscriber leaves by dropping
/// its receiver or closing it. Each has a [`Bound`] of its own: it holds nobody up until it is that far behind, and then its
/// bound says what happens. A value whose topic nobody has subscribed to is dropped.
///
/// When the input ends, the subscriptions are closed, after what was sent to them. When the `Topics` is dropped the
/// subscriptions go on, and when the last of them leaves, the input is let go of. A panic of the topic function or of
/// `T::clone` reaches every subscriber after what it was sent.
///
/// # Examples
///
/// ```
/// use millstream::hub::{Bound, Topics};
///
/// let (tx, rx) = millstream::bounded(4);
/// let topics = Topics::new(rx, |n: &u32| n % 3);
/// let (zero, one) = (topics.subscribe(0, Bound::Wait(8)), topics.subscribe(1, Bound::Wait(8)));
/// for n in 0..7 {
///     tx.send_blocking(n).unwrap();
/// }
/// drop(tx);
/// assert_eq!(zero.iter().collect::<Vec<_>>(), [0, 3, 6]);
/// assert_eq!(one.iter().collect::<Vec<_>>(), [1, 4]);
/// ```
#[derive(Debug)]
pub struct Topics<K, T> {
    changes: Sender<Change<K, T>>,
}

/// What is said to the task that runs the topics.
#[derive(Debug)]
enum Change<K, T> {
    Add(K, Sender<T>),
    RemoveTopic(K),
    Stop,
}

impl<K, T> Topics<K, T>
where
    K: Eq + Hash + Send + 'static,
    T: Clone + Send + 'static,
{
    /// Topics on the current runtime.
    ///
    /// # Panics
    ///
    /// If there is no runtime; see [`runtime::current`](crate::runtime::current).
    pub fn new(input: Receiver<T>, topic: impl FnMut(&T) -> K + Send + 'static) -> Self {
        let (topics, driver) = Topics::with_driver(input, topic);
        runtime::spawn(driver);
        topics
    }

    /// Topics that run as long as the future is polled. Dropping the future while a subscriber holds it up drops the value
    /// that is being given out, for the subscribers that do not have it yet.
    pub fn with_driver(
        input: Receiver<T>,
        topic: impl FnMut(&T) -> K + Send + 'static,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (changes, changed) = unbounded();
        (Topics { changes }, drive(input, changed, topic))
    }
}

impl<K, T> Topics<K, T> {
    /// Subscribes to a topic.
    pub fn subscribe(&self, topic: K, bound: Bound) -> Receiver<T> {
        let (tx, rx) = bound.channel();
        self.subscribe_into(topic, tx);
        rx
    }

    /// Subscribes a channel of the caller's own. It is closed at the end only if no other sender of it is left.
    pub fn subscribe_into(&self, topic: K, subscriber: Sender<T>) {
        // Topics that have ended drop the subscriber with the change, which closes it.
        let _ = self.changes.try_send(Change::Add(topic, subscriber));
    }

    /// Ends all subscriptions of a topic: they are closed after what they were sent.
    pub fn unsubscribe_all(&self, topic: K) {
        let _ = self.changes.try_send(Change::RemoveTopic(topic));
    }

    /// Ends everything: the subscriptions are closed after what they were sent, and the input is let go of.
    pub fn close(self) {
        let _ = self.changes.try_send(Change::Stop);
    }
}

/// Gives values to subscribers until there are no more values, or nobody to give them to.
async fn drive<K: Eq + Hash, T: Clone>(
    input: Receiver<T>,
    changes: Receiver<Change<K, T>>,
    mut topic_of: impl FnMut(&T) -> K,
) {
    let mut topics: HashMap<K, Outlets<T>> = HashMap::new();
    let mut may_grow = true;
    let mut since_sweep = 0;
    let mut turn = Turn::new();
    loop {
        turn.taken().await;
        if topics.is_empty() && !may_grow {
            return;
        }
        let any = topics.values().find_map(Outlets::first);
        let value = select! {
            biased;
            change = changes.recv(), if may_grow => {
                match change {
                    Ok(Change::Add(topic, tx)) => topics.entry(topic).or_insert_with(Outlets::new).add(tx),
                    Ok(Change::RemoveTopic(topic)) => drop(topics.remove(&topic)),
                    Ok(Change::Stop) => return,
                    Err(_) => may_grow = false,
                }
                continue;
            }
            // As long as one subscriber is left it is worth waiting, so it is enough to watch one.
            () = any.map(Sender::closed).expect("there is one"), if any.is_some() => {
                sweep(&mut topics);
                continue;
            }
            value = input.recv(), if any.is_some() || may_grow => value,
        };
        let Ok(value) = value else {
            return;
        };
        let topic = match catch_unwind(AssertUnwindSafe(|| topic_of(&value))) {
            Ok(topic) => topic,
            Err(panic) => return fail(topics, panic),
        };
        if let Some(subscribers) = topics.get_mut(&topic) {
            if let Err(panic) = subscribers.deliver(value).await {
                return fail(topics, panic);
            }
            if subscribers.is_empty() {
                topics.remove(&topic);
            }
        }
        // Topics whose values no longer come would keep their subscribers' channels for ever.
        since_sweep += 1;
        if since_sweep > 64 + topics.len() {
            since_sweep = 0;
            sweep(&mut topics);
        }
    }
}

/// Lets go of subscribers that have left, and of topics without any.
fn sweep<K, T>(topics: &mut HashMap<K, Outlets<T>>) {
    topics.retain(|_, subscribers| {
        subscribers.remove_closed();
        !subscribers.is_empty()
    });
}

/// Tells every subscriber of a panic.
fn fail<K, T>(topics: HashMap<K, Outlets<T>>, panic: Box<dyn std::any::Any + Send>) {
    let mut all = Outlets::new();
    for (_, subscribers) in topics {
        all.append(subscribers);
    }
    all.fail(panic);
}
