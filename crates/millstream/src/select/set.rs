//! A select for loops: its arms stay registered from one message to the next.

use super::arm::{Arm, Core, Registered};
use super::handle::{ReceiverRef, SenderRef};
use super::recv::RecvCore;
use super::send::SendCore;
use crate::channel::{RecvError, SendError};
use crate::sync::Arc;
use crate::wait::{block_on, clone_waker, discard, Own, Record, Status};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Many arms that are waited for again and again.
///
/// A [`Select`](crate::Select) joins the line of every arm and leaves them all for each message; a
/// `SelectSet` joins once, and after a message re-arms only the arm that fired. That is what a loop over
/// many channels wants: the cost of a message does not grow with the number of arms.
///
/// While the loop's body runs nothing is accepted: a rendezvous sender waits until [`next`](Self::next) is
/// polled again. An arm whose channel has ended says so once, with the error, and is removed; so is a sending
/// arm once its value is sent or refused. `next` yields `None` when no arm is left.
///
/// # Fairness
///
/// Arms are served in the order in which their channels had something for them: one that is always ready
/// takes turns with the others.
///
/// # Examples
///
/// ```
/// use millstream::SelectSet;
///
/// # millstream::block_on(async {
/// let (words, from_words) = millstream::bounded(4);
/// let (numbers, from_numbers) = millstream::bounded(4);
/// words.send("one").await.unwrap();
/// numbers.send(2).await.unwrap();
/// drop((words, numbers));
///
/// let mut set = SelectSet::new();
/// set.recv(&from_words, |word| word.ok().map(str::to_string));
/// set.recv(&from_numbers, |number| number.ok().map(|number| number.to_string()));
/// let mut got = Vec::new();
/// while let Some(item) = set.next().await {
///     got.extend(item);
/// }
/// assert_eq!(got, ["one", "2"]);
/// # });
/// ```
pub struct SelectSet<'a, R> {
    record: Registration,
    /// `None` where an arm was removed; its number is not used again.
    arms: Vec<Option<Box<dyn LoopArm<R> + Send + 'a>>>,
    /// How many arms there are.
    live: usize,
}

/// The record under which the arms stand in line; retired before they leave.
struct Registration(Arc<Record>);

impl Drop for Registration {
    fn drop(&mut self) {
        let (_, waker) = self.0.retire();
        discard(waker);
    }
}

/// An arm that can fire more than once.
trait LoopArm<R> {
    fn arm(&mut self) -> &mut dyn Arm;

    /// Whether the result that the arm has is its last.
    fn is_at_end(&self) -> bool;

    /// Calls the closure with the result.
    fn fire(&mut self) -> R;
}

struct Repeated<C, F> {
    core: C,
    then: F,
}

impl<R, H, F> LoopArm<R> for Repeated<RecvCore<H>, F>
where
    H: ReceiverRef,
    F: FnMut(Result<H::Item, RecvError>) -> R,
{
    fn arm(&mut self) -> &mut dyn Arm {
        &mut self.core
    }

    fn is_at_end(&self) -> bool {
        self.core.has_ended()
    }

    fn fire(&mut self) -> R {
        (self.then)(self.core.take())
    }
}

impl<R, H, F> LoopArm<R> for Repeated<SendCore<H, Option<H::Item>>, F>
where
    H: SenderRef,
    F: FnMut(Result<(), SendError<H::Item>>) -> R,
{
    fn arm(&mut self) -> &mut dyn Arm {
        &mut self.core
    }

    /// A value is sent once.
    fn is_at_end(&self) -> bool {
        true
    }

    fn fire(&mut self) -> R {
        (self.then)(self.core.take())
    }
}

impl<'a, R> SelectSet<'a, R> {
    /// A set without arms.
    pub fn new() -> Self {
        SelectSet {
            record: Registration(Record::new(true)),
            arms: Vec::new(),
            live: 0,
        }
    }

    /// Adds an arm that receives, as often as there is something; returns its number.
    ///
    /// The handle is a `&Receiver` or a `Receiver`.
    pub fn recv<H, F>(&mut self, receiver: H, then: F) -> usize
    where
        H: ReceiverRef + Send + 'a,
        H::Item: Send,
        F: FnMut(Result<H::Item, RecvError>) -> R + Send + 'a,
    {
        self.add(Box::new(Repeated {
            core: RecvCore::new(receiver),
            then,
        }))
    }

    /// Adds an arm that sends one value, and is removed once that is sent or refused; returns its number.
    pub fn send<H, F>(&mut self, sender: H, value: H::Item, then: F) -> usize
    where
        H: SenderRef + Send + 'a,
        H::Item: Send + 'a,
        F: FnMut(Result<(), SendError<H::Item>>) -> R + Send + 'a,
    {
        self.add(Box::new(Repeated {
            core: SendCore::new(sender, Some(value)),
            then,
        }))
    }

    /// Removes an arm; `false` if there is none of that number any more. A value it was to send is dropped.
    pub fn remove(&mut self, number: usize) -> bool {
        match self.arms.get_mut(number).and_then(Option::take) {
            Some(arm) => {
                self.live -= 1;
                drop(arm);
                true
            }
            None => false,
        }
    }

    /// How many arms there are.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether no arm is left.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Waits for the next arm to fire and yields what its closure returns; `None` when no arm is left.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: an arm that was matched keeps its claim, and the next call yields it.
    #[allow(clippy::should_implement_trait)] // The name is what streams call it; this waits, an iterator cannot.
    pub fn next(&mut self) -> NextFuture<'_, 'a, R> {
        NextFuture { set: self }
    }

    /// [`next`](Self::next) for a thread.
    ///
    /// # Blocking
    ///
    /// Blocks the thread until an arm fires.
    pub fn wait(&mut self) -> Option<R> {
        block_on(self.next())
    }

    fn add(&mut self, arm: Box<dyn LoopArm<R> + Send + 'a>) -> usize {
        let number = self.arms.len();
        let hint = u32::try_from(number).expect("fewer than 2^32 arms");
        self.arms.push(Some(arm));
        self.live += 1;
        self.record.0.hint(hint);
        number
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<R>> {
        // Whether this poll has stored its waker: one whose clones do not say that they wake the same task is
        // stored anew in every poll, but only once in each.
        let mut has_stored = false;
        loop {
            if self.live == 0 {
                return Poll::Ready(None);
            }
            let record = self.record.0.clone();
            let (status, is_current) = record.poll(context.waker());
            if let Status::Done(winner) = status {
                if let Some(result) = self.conclude(winner) {
                    return Poll::Ready(Some(result));
                }
                continue;
            }
            if status == Status::Open && (is_current || has_stored) && !record.has_hints() {
                return Poll::Pending;
            }
            has_stored = true;
            // Cloning a waker is user code, so it is done unlocked.
            let (status, hints, old) = record.open(clone_waker(context));
            drop(old);
            if status == Status::Open {
                self.rearm(&record, hints);
            }
        }
    }

    /// Puts arms that are not in line back into it, or finds that one of them is ready.
    fn rearm(&mut self, record: &Arc<Record>, mut hints: VecDeque<u32>) {
        while let Some(number) = hints.pop_front() {
            let Some(Some(arm)) = self.arms.get_mut(number as usize) else {
                continue;
            };
            // An arm whose entry was unlinked by a peer still has its slot: that goes first. What it waits
            // for, if anything, is found by registering anew.
            arm.arm().withdraw();
            let own = Own {
                record,
                arm: number,
            };
            match arm.arm().register(own) {
                Registered::Waiting => {}
                Registered::Won => break,
                Registered::OwnGone => {
                    hints.push_front(number);
                    break;
                }
                Registered::Look => {
                    // Only this arm can tell, and by running user code, which needs the select to be
                    // closed to its peers. If one of them was quicker, its arm goes first.
                    if own.win() {
                        break;
                    }
                    hints.push_front(number);
                    break;
                }
            }
        }
        record.hint_first(hints);
    }

    /// Settles the winner. `None` if it was only told to look again and found nothing.
    fn conclude(&mut self, winner: u32) -> Option<R> {
        let record = self.record.0.clone();
        let slot = self.arms.get_mut(winner as usize);
        let fired = match slot {
            Some(Some(arm)) => {
                let arm = arm.arm();
                arm.finish() || arm.attempt(false)
            }
            // It was removed after it had won: its claim has passed on.
            _ => false,
        };
        record.settle();
        // It left its line when it won. Said before the closure runs, which may panic.
        record.hint(winner);
        if !fired {
            return None;
        }
        let slot = &mut self.arms[winner as usize];
        // An arm at its end is removed before its closure runs, which may panic.
        let mut last = slot.take_if(|arm| arm.is_at_end());
        if last.is_some() {
            self.live -= 1;
        }
        let arm = last.as_mut().or(slot.as_mut());
        Some(arm.expect("it has just fired").fire())
    }
}

impl<R> Default for SelectSet<'_, R> {
    fn default() -> Self {
        SelectSet::new()
    }
}

impl<R> fmt::Debug for SelectSet<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SelectSet")
            .field("arms", &self.live)
            .finish_non_exhaustive()
    }
}

/// Waits for the next arm of a set; made by [`SelectSet::next`].
#[must_use = "it does nothing until it is awaited"]
#[derive(Debug)]
pub struct NextFuture<'s, 'a, R> {
    set: &'s mut SelectSet<'a, R>,
}

impl<R> Future for NextFuture<'_, '_, R> {
    type Output = Option<R>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<R>> {
        self.set.poll_next(context)
    }
}

impl<R> Drop for NextFuture<'_, '_, R> {
    /// Nobody waits any more, so nothing is accepted; the arms stay in line.
    fn drop(&mut self) {
        let (_, waker) = self.set.record.0.retire();
        discard(waker);
    }
}
