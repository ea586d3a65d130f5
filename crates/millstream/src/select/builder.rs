//! The select itself: its arms, and the protocol by which exactly one of them commits.

use super::arm::{Registered, Selectable};
use super::each::Each;
use super::handle::{ReceiverRef, SenderRef};
use super::list::{Arms, Cons, Nil, One};
use super::recv::RecvCore;
use super::reserve::ReserveCore;
use super::send::SendCore;
use super::timer::{DefaultCore, TimerCore};
use crate::channel::{Permit, RecvError, SendError, Sender};
use crate::sync::{random_below, Arc};
use crate::wait::{block_on_until, clone_waker, discard, Own, Record, Status};
use std::fmt;
use std::future::{poll_fn, Future};
use std::marker::PhantomData;
use std::pin::{pin, Pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Waits for the first of several operations; exactly one of them happens.
///
/// Add arms, then `.await` the select in a task or [`wait`](Select::wait) for it on a thread. Each arm has a
/// closure that gets the operation's result; all closures yield the same type, and the select yields what
/// the winner's closure does. The arms may be on channels of any types, several on one channel, and on both
/// ends of one channel (a select never meets itself). The [`select!`](crate::select!) macro writes the same
/// thing with bodies that can use `?`, `break` and `.await`.
///
/// # What is promised
///
/// Exactly one arm commits; the others leave no trace: no value taken, none sent, nobody in line. A closed
/// channel makes its arm ready, with the error saying so: switch the arm off (a handle may be an `Option`)
/// or the select returns at once every time. Values of losing [`send`](Select::send) arms are dropped; those
/// of [`send_from`](Select::send_from) arms go back to where they came from.
///
/// # Fairness
///
/// The arms are tried from a random one on, so of two that are always ready each gets its share;
/// [`biased`](Select::biased) tries them in order. Once a select waits, it stands in the line of each of its
/// channels like any other waiter. Timers lose against an arm that is ready.
///
/// # Cancel safety
///
/// Dropping the select at any moment loses nothing that was not its own: no value is taken, a claim passes
/// on, and a send that was not committed was not sent.
///
/// # Panics
///
/// When polled or waited for with no arm that could ever fire: none at all, or all switched off. When polled
/// again after it was ready.
///
/// The idea is Dijkstra's and Hoare's, by way of Go's `select` and aiochan's; the async form that also sends
/// is what other Rust crates lack.
///
/// # Examples
///
/// ```
/// use millstream::Select;
///
/// # millstream::block_on(async {
/// let (numbers, from_numbers) = millstream::bounded::<u32>(1);
/// let (to_words, words) = millstream::bounded::<&str>(1);
/// numbers.send(7).await.unwrap();
/// let got = Select::new()
///     .biased()
///     .recv(&from_numbers, |number| format!("got {number:?}"))
///     .send(&to_words, "hello", |sent| format!("sent {sent:?}"))
///     .await;
/// assert_eq!(got, "got Ok(7)");
/// assert!(words.is_empty(), "the other arm left no trace");
/// # });
/// ```
#[must_use = "a select does nothing until it is awaited or waited for"]
pub struct Select<R, L = Nil> {
    /// Before the arms, so that it is dropped before them: from then on no peer commits an arm.
    phase: Phase,
    arms: L,
    biased: bool,
    /// Whether some arm is a timer, which only the select itself can look at.
    is_timed: bool,
    /// The number of the arm that is taken when no other is ready.
    default: Option<usize>,
    result: PhantomData<fn() -> R>,
}

/// A select with one more arm, made of a core and a closure.
pub type Then<R, L, C, F> = Select<R, Cons<L, One<C, F>>>;

/// A select with several more arms under one closure.
pub type ThenEach<R, L, C, F> = Select<R, Cons<L, Each<C, F>>>;

/// How far a select is.
enum Phase {
    /// Not polled, or about to start over: known to nobody.
    Start,
    /// Known to nobody; its arms were tried in vain, from this one on.
    Tried(usize),
    /// Its arms stand in line.
    Waiting(Registration),
    Done,
}

/// The record under which the arms stand in line, open as long as this lives.
struct Registration(Arc<Record>);

impl Drop for Registration {
    fn drop(&mut self) {
        let (_, waker) = self.0.retire();
        discard(waker);
    }
}

// Nothing in a select is ever pinned: its waiters live in the channels.
impl<R, L> Unpin for Select<R, L> {}

impl<R> Select<R> {
    /// A select without arms.
    #[inline(always)]
    pub fn new() -> Self {
        Select {
            phase: Phase::Start,
            arms: Nil,
            biased: false,
            is_timed: false,
            default: None,
            result: PhantomData,
        }
    }
}

impl<R> Default for Select<R> {
    fn default() -> Self {
        Select::new()
    }
}

impl<R, L: Arms<R>> Select<R, L> {
    /// Tries the arms in the order in which they were added, instead of from a random one on.
    ///
    /// An arm that is always ready then starves those after it: put what must not wait first.
    #[inline(always)]
    pub fn biased(mut self) -> Self {
        self.biased = true;
        self
    }

    /// An arm that receives; `then` gets what [`recv`](crate::Receiver::recv) would return.
    ///
    /// The handle is a `&Receiver`, a `Receiver`, or an `Option` of one, where `None` switches the arm off.
    #[inline(always)]
    pub fn recv<H, F>(self, receiver: H, then: F) -> Then<R, L, RecvCore<H>, F>
    where
        H: ReceiverRef,
        F: FnOnce(Result<H::Item, RecvError>) -> R,
    {
        self.with(One::new(RecvCore::new(receiver), then))
    }

    /// An arm that sends; `then` gets what [`send`](crate::Sender::send) would return.
    ///
    /// If the arm loses, the value is dropped, outside every lock; see [`send_from`](Self::send_from). The
    /// handle is a `&Sender`, a `Sender`, or an `Option` of one, where `None` switches the arm off.
    #[inline(always)]
    pub fn send<H, F>(
        self,
        sender: H,
        value: H::Item,
        then: F,
    ) -> Then<R, L, SendCore<H, Option<H::Item>>, F>
    where
        H: SenderRef,
        F: FnOnce(Result<(), SendError<H::Item>>) -> R,
    {
        self.with(One::new(SendCore::new(sender, Some(value)), then))
    }

    /// An arm that sends the value in `slot`, and puts it back there if the arm loses or the select is
    /// dropped.
    ///
    /// An empty slot switches the arm off. The slot is empty after the arm has won, even if the channel was
    /// closed: then the value is in the error.
    ///
    /// # Examples
    ///
    /// ```
    /// # millstream::block_on(async {
    /// let (tx, _rx) = millstream::bounded::<String>(1);
    /// let (_stop, stopped) = millstream::bounded::<()>(1);
    /// let mut slot = Some("kept".to_string());
    /// tx.send("fills it".to_string()).await.unwrap();
    /// millstream::Select::new()
    ///     .send_from(&tx, &mut slot, |_| ())
    ///     .recv(&stopped, |_| ())
    ///     .default(|| ())
    ///     .await;
    /// assert_eq!(slot.as_deref(), Some("kept"));
    /// # });
    /// ```
    #[inline(always)]
    pub fn send_from<H, F>(
        self,
        sender: H,
        slot: &mut Option<H::Item>,
        then: F,
    ) -> Then<R, L, SendCore<H, &mut Option<H::Item>>, F>
    where
        H: SenderRef,
        F: FnOnce(Result<(), SendError<H::Item>>) -> R,
    {
        self.with(One::new(SendCore::new(sender, slot), then))
    }

    /// An arm that waits for a permit; `then` gets what [`reserve`](crate::Sender::reserve) would return.
    ///
    /// With several of these one value is offered to several channels: it is sent through the permit that
    /// comes first.
    #[inline(always)]
    pub fn reserve<'a, T, F>(
        self,
        sender: &'a Sender<T>,
        then: F,
    ) -> Then<R, L, ReserveCore<'a, T>, F>
    where
        F: FnOnce(Result<Permit<'a, T>, SendError<()>>) -> R,
    {
        self.with(One::new(ReserveCore::new(sender), then))
    }

    /// An arm for any [`Selectable`] operation that was not polled, such as `rx.recv()`; `None` switches the
    /// arm off.
    #[inline(always)]
    pub fn arm<S, F>(self, operation: S, then: F) -> Then<R, L, S::Core, F>
    where
        S: Selectable,
        F: FnOnce(S::Output) -> R,
    {
        self.with(One::new(operation.into_core(), then))
    }

    /// An arm for each of any number of operations of one type; `then` gets the winner's number and result.
    ///
    /// # Examples
    ///
    /// ```
    /// let channels: Vec<_> = (0..4).map(|_| millstream::bounded::<u32>(1)).collect();
    /// channels[2].0.try_send(5).unwrap();
    /// let won = millstream::Select::new()
    ///     .each(channels.iter().map(|(_, rx)| rx.recv()), |index, value| (index, value))
    ///     .wait();
    /// assert_eq!(won, (2, Ok(5)));
    /// ```
    pub fn each<S, F>(
        self,
        operations: impl IntoIterator<Item = S>,
        then: F,
    ) -> ThenEach<R, L, S::Core, F>
    where
        S: Selectable,
        F: FnOnce(usize, S::Output) -> R,
    {
        let cores = operations.into_iter().map(S::into_core);
        self.with(Each::new(cores, then))
    }

    /// A receiving arm for each of any number of receivers; `then` gets the winner's number and result.
    pub fn recv_each<H, F>(
        self,
        receivers: impl IntoIterator<Item = H>,
        then: F,
    ) -> ThenEach<R, L, RecvCore<H>, F>
    where
        H: ReceiverRef,
        F: FnOnce(usize, Result<H::Item, RecvError>) -> R,
    {
        let cores = receivers.into_iter().map(RecvCore::new);
        self.with(Each::new(cores, then))
    }

    /// A sending arm for each of any number of senders and their values; `then` gets the winner's number and
    /// result. The values of the others are dropped.
    pub fn send_each<H, F>(
        self,
        sends: impl IntoIterator<Item = (H, H::Item)>,
        then: F,
    ) -> ThenEach<R, L, SendCore<H, Option<H::Item>>, F>
    where
        H: SenderRef,
        F: FnOnce(usize, Result<(), SendError<H::Item>>) -> R,
    {
        let cores = sends
            .into_iter()
            .map(|(sender, value)| SendCore::new(sender, Some(value)));
        self.with(Each::new(cores, then))
    }

    /// An arm that fires after `delay`, counted from the first poll, if no other arm has. `None` switches it
    /// off; a delay too long for the clock never ends, and after one of zero the other arms are tried once.
    ///
    /// In async code the time is that of the current [`runtime`](crate::runtime); a thread that
    /// [`wait`](Self::wait)s goes by its own clock.
    #[inline(always)]
    pub fn after<F>(
        mut self,
        delay: impl Into<Option<Duration>>,
        then: F,
    ) -> Then<R, L, TimerCore, impl FnOnce(()) -> R>
    where
        F: FnOnce() -> R,
    {
        self.is_timed = true;
        self.with(One::new(TimerCore::new(delay.into()), move |()| then()))
    }

    /// What happens if no other arm is ready at once: the select then never waits.
    ///
    /// The arms are looked at one by one, not in one moment. Two selects with a default never meet over a
    /// rendezvous, since neither waits for the other.
    #[inline(always)]
    pub fn default<F>(self, then: F) -> Then<R, L, DefaultCore, impl FnOnce(()) -> R>
    where
        F: FnOnce() -> R,
    {
        self.default_if(true, then)
    }

    /// A [`default`](Self::default) that can be switched off.
    #[inline(always)]
    pub fn default_if<F>(
        mut self,
        on: bool,
        then: F,
    ) -> Then<R, L, DefaultCore, impl FnOnce(()) -> R>
    where
        F: FnOnce() -> R,
    {
        if on {
            self.default = Some(self.arms.len());
        }
        self.with(One::new(DefaultCore { on }, move |()| then()))
    }

    /// Waits on the calling thread.
    ///
    /// # Blocking
    ///
    /// Blocks the thread until an arm has fired. Timers go by the thread's own clock and need no runtime.
    ///
    /// # Panics
    ///
    /// As said for [`Select`].
    pub fn wait(mut self) -> R {
        // Without a parker, which only a select that has to wait needs. It may have been polled before, as a future.
        if let Phase::Start = self.phase {
            match self.try_arms(None) {
                Ok(winner) => return self.fire(winner),
                Err(first) => self.phase = Phase::Tried(first),
            }
        }
        self.wait_on()
    }

    /// [`Select::wait`] where no arm was ready at once.
    #[inline(never)]
    fn wait_on(mut self) -> R {
        loop {
            let deadline = self.deadline();
            let poll = pin!(poll_fn(|context| self.poll_arms(context, true)));
            if let Some(result) = block_on_until(poll, deadline) {
                return result;
            }
        }
    }

    /// Stops waiting because the time is up; fires the winner all the same if there was one by then.
    pub(super) fn give_up(mut self) -> Option<R> {
        let record = match &self.phase {
            Phase::Waiting(registration) => registration.0.clone(),
            Phase::Start | Phase::Tried(_) | Phase::Done => return None,
        };
        let (status, waker) = record.retire();
        discard(waker);
        match status {
            Status::Done(winner) => {
                let winner = self.conclude(winner as usize)?;
                Some(self.fire(winner))
            }
            Status::Open | Status::Idle => None,
        }
    }

    /// The select with `newest` after its arms. This, and whatever adds an arm, is inlined, so that every arm is written where
    /// it stays: each that is added would otherwise move all before it, which costs more than all else when one is ready.
    #[inline(always)]
    fn with<A: Arms<R>>(self, newest: A) -> Select<R, Cons<L, A>> {
        assert!(
            matches!(self.phase, Phase::Start),
            "arms are added before a select is polled"
        );
        Select {
            phase: Phase::Start,
            arms: Cons {
                older: self.arms,
                newest,
            },
            biased: self.biased,
            is_timed: self.is_timed,
            default: self.default,
            result: PhantomData,
        }
    }

    /// The earliest time at which a timer is due, for a thread that waits by its own clock.
    fn deadline(&mut self) -> Option<Instant> {
        if !self.is_timed {
            return None;
        }
        let deadlines = (0..self.arms.len()).filter_map(|index| {
            let arm = self.arms.arm(index);
            // A look starts the clock of a timer that has not been looked at.
            arm.is_due(None);
            arm.deadline()
        });
        deadlines.min()
    }

    fn poll_arms(&mut self, context: &mut Context<'_>, on_thread: bool) -> Poll<R> {
        // Whether this poll has stored its waker: one whose clones do not say that they wake the same task is
        // stored anew in every poll, but only once in each.
        let mut has_stored = false;
        loop {
            let record = match &self.phase {
                Phase::Done => panic!("a select was polled after it was ready"),
                Phase::Waiting(registration) => registration.0.clone(),
                Phase::Start | Phase::Tried(_) => match self.start(context, on_thread) {
                    Some(winner) => return Poll::Ready(self.fire(winner)),
                    None => match &self.phase {
                        Phase::Waiting(registration) => {
                            has_stored = true;
                            registration.0.clone()
                        }
                        // An arm has to run user code to find out: from the start.
                        _ => continue,
                    },
                },
            };
            let (status, is_current) = record.poll(context.waker());
            match status {
                Status::Done(winner) => {
                    let winner = match seeded!("winner-guessed-after-the-wake") {
                        true => random_below(self.arms.len()) as u32,
                        false => winner,
                    };
                    if let Some(winner) = self.conclude(winner as usize) {
                        return Poll::Ready(self.fire(winner));
                    }
                    continue;
                }
                Status::Idle => unreachable!("the record is open as long as it is registered"),
                Status::Open => {}
            }
            if !is_current && !has_stored {
                has_stored = true;
                // Cloning a waker is user code, so it is done unlocked; then the status is looked at again.
                let (_, _, old) = record.open(clone_waker(context));
                drop(old);
                continue;
            }
            let Some(timer) = self.due((!on_thread).then_some(&mut *context)) else {
                return Poll::Pending;
            };
            let (status, waker) = record.retire();
            drop(waker);
            if status == Status::Open || seeded!("timer-wins-over-a-winner") {
                // The timer has won: no arm will be committed any more.
                self.withdraw_all();
                return Poll::Ready(self.fire(timer));
            }
        }
    }

    /// The first pass, registered nowhere, with the context in async code. The winner, if there is one at once, or
    /// the arm that was tried first.
    fn try_arms(&mut self, context: Option<&mut Context<'_>>) -> Result<usize, usize> {
        let count = self.arms.len();
        let first = if self.biased || count == 0 {
            0
        } else {
            random_below(count)
        };
        for index in (first..count).chain(0..first) {
            if self.arms.arm(index).attempt(self.default.is_some()) {
                return Ok(index);
            }
        }
        if let Some(timer) = self.due(context) {
            return Ok(timer);
        }
        self.default.ok_or(first)
    }

    /// The first pass, if it was not made yet, and the registration. The winner, if there is one at once.
    fn start(&mut self, context: &mut Context<'_>, on_thread: bool) -> Option<usize> {
        let tried = match self.phase {
            Phase::Tried(first) => Err(first),
            _ => self.try_arms((!on_thread).then_some(&mut *context)),
        };
        let first = match tried {
            Ok(winner) => return Some(winner),
            Err(first) => first,
        };
        let count = self.arms.len();
        assert!(
            (0..count).any(|index| self.arms.arm(index).is_on()),
            "a select with no arm that could ever fire: it has none, or all are switched off; \
             add an arm, an `after` or a `default`"
        );
        let record = Record::new(false);
        let (_, _, old) = record.open(clone_waker(context));
        drop(old);
        self.phase = Phase::Waiting(Registration(record.clone()));
        for index in (first..count).chain(0..first) {
            let own = Own {
                record: &record,
                arm: u32::try_from(index).expect("fewer than 2^32 arms"),
            };
            match self.arms.arm(index).register(own) {
                Registered::Waiting => {}
                Registered::Won | Registered::OwnGone => break,
                Registered::Look => {
                    // Retired first, so that no arm wins while the others leave; one that has won already is
                    // treated as if this had not happened.
                    if record.retire().0 == Status::Open {
                        self.withdraw_all();
                        self.phase = Phase::Start;
                    }
                    break;
                }
            }
        }
        None
    }

    /// A timer whose time has come; with a context it is to be woken then.
    #[inline]
    fn due(&mut self, mut context: Option<&mut Context<'_>>) -> Option<usize> {
        if !self.is_timed {
            return None;
        }
        (0..self.arms.len()).find(|index| self.arms.arm(*index).is_due(context.as_deref_mut()))
    }

    /// Takes the losers out of their lines, then the winner's result, last. `None` if the winner was only
    /// told to look again: then nothing is registered any more.
    fn conclude(&mut self, winner: usize) -> Option<usize> {
        for index in (0..self.arms.len()).filter(|index| *index != winner) {
            self.arms.arm(index).withdraw();
        }
        self.phase = Phase::Start;
        self.arms.arm(winner).finish().then_some(winner)
    }

    fn withdraw_all(&mut self) {
        for index in 0..self.arms.len() {
            self.arms.arm(index).withdraw();
        }
    }

    /// Calls the winner's closure; nothing is registered any more.
    fn fire(&mut self, winner: usize) -> R {
        self.phase = Phase::Done;
        self.arms.fire(winner)
    }
}

impl<R, L: Arms<R>> Future for Select<R, L> {
    type Output = R;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<R> {
        self.poll_arms(context, false)
    }
}

impl<R, L: Arms<R>> fmt::Debug for Select<R, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Select")
            .field("arms", &self.arms.len())
            .field("biased", &self.biased)
            .finish_non_exhaustive()
    }
}
