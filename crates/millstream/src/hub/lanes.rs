//! Keyed partitions: the values of one key keep their order, different keys run side by side.

use crate::channel::{bounded, Receiver, Sender};
use crate::runtime::{self, Turn};
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Splits a channel into `count` lanes (at least one) by a key: all values of a key go into the same lane, in order.
///
/// Each lane keeps up to `capacity` values; a lane that is full holds the others up. The lanes are fed by a task on the
/// current runtime. Which lane a key belongs to depends on the key and the number of lanes alone.
///
/// When the input ends, the lanes are closed. If a lane's receiver goes, its keys move to the next lane that is left, so
/// nothing that was not taken yet is lost; if all go, the input is let go of, with the value at its head. A panic of the key
/// function ends all lanes, and comes out of the first.
///
/// # Panics
///
/// If there is no runtime; see [`runtime::current`](crate::runtime::current).
///
/// # Examples
///
/// ```
/// use millstream::hub::lanes;
///
/// let words = millstream::from_iter(["ant", "bee", "ape", "bat"]);
/// let lanes = lanes(words, 2, 4, |word: &&str| word.as_bytes()[0]);
/// for lane in lanes {
///     let words: Vec<_> = lane.iter().collect();
///     let of_a: Vec<_> = words.iter().filter(|word| word.starts_with('a')).collect();
///     assert!(of_a.is_empty() || of_a == [&"ant", &"ape"], "one lane has all of them, in order");
/// }
/// ```
pub fn lanes<T, K>(
    input: Receiver<T>,
    count: usize,
    capacity: usize,
    key: impl FnMut(&T) -> K + Send + 'static,
) -> Vec<Receiver<T>>
where
    T: Send + 'static,
    K: Hash + 'static,
{
    let (senders, receivers) = (0..count.max(1)).map(|_| bounded(capacity)).unzip();
    runtime::spawn(lanes_into(input, senders, key));
    receivers
}

/// [`lanes`] into channels of the caller's own, as long as the future is polled.
///
/// # Panics
///
/// If `outputs` is empty.
///
/// # Cancel safety
///
/// Cancel safe: a value that has no place yet goes back to the head of the input.
pub fn lanes_into<T, K: Hash>(
    input: Receiver<T>,
    outputs: Vec<Sender<T>>,
    mut key: impl FnMut(&T) -> K,
) -> impl Future<Output = ()> {
    assert!(!outputs.is_empty(), "values need at least one lane");
    async move {
        let mut turn = Turn::new();
        while let Ok(mut claim) = input.claim().await {
            let lane = {
                let value = claim.peek();
                catch_unwind(AssertUnwindSafe(|| lane_of(&key(value), outputs.len())))
            };
            let lane = match lane {
                Ok(lane) => lane,
                Err(panic) => return outputs[0].fail(panic),
            };
            let mut unplaced = Some(claim);
            // Its own lane first, then the next that is left.
            for output in outputs.iter().cycle().skip(lane).take(outputs.len()) {
                let Ok(permit) = output.reserve().await else {
                    continue;
                };
                let claim = unplaced.take().expect("it has no place yet");
                unplaced = claim.send_to(permit).err();
                if unplaced.is_none() {
                    break;
                }
            }
            if unplaced.is_some() {
                return;
            }
            turn.taken().await;
        }
    }
}

/// The lane of a key.
fn lane_of(key: &impl Hash, count: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    // The remainder is less than a `usize`.
    (hasher.finish() % count as u64) as usize
}
