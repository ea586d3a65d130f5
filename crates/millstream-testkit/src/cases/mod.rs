//! The bad cases: bugs that real channels had, one function each, over any [`Family`].
//!
//! Almost all of them are one thread with hand-made wakers, in which every step is chosen. The few that need threads
//! say so, and repeat a short race many times. A case that meets its bug may hang or abort; the caller runs it on a
//! thread with a limit ([`crate::watchdog`]) or in a process of its own.

pub mod cancel;
pub mod close;
pub mod order;
pub mod panic;
pub mod payload;
pub mod reenter;
pub mod register;
pub mod rendezvous;
pub mod select;
pub mod size;
pub mod threads;
pub mod timeout;
pub mod walk;

use crate::drive::Boxed;
use crate::peer::{Family, Policy, ReceiveEnd, Received, Refused, SendEnd, Sent};
use crate::verdict::{Absent, Fault, Outcome};

/// Calls `$callback! { module::name: "what the channel must do", ... }` with every case there is.
///
/// This list is the only one: the table of the example, the registry and the tests are made from it.
#[macro_export]
macro_rules! for_each_case {
    ($callback:ident) => {
        $callback! {
            cancel::receive_dropped_after_match:
                "a receive that is dropped after a send completed against it loses no value",
            cancel::notified_receive_dropped:
                "when the receive that was woken is dropped, the next waiting receive gets the value",
            cancel::notified_send_dropped:
                "when the send that was woken is dropped, the next waiting send moves up",
            cancel::forgotten_receive:
                "a leaked receive withholds one value at most, and live receives go on",
            cancel::forgotten_send:
                "a leaked send does not stop live sends for good",
            cancel::dropped_send_is_not_sent:
                "a waiting send that is dropped drops its value there and then, and nobody receives it",
            close::closed_before_last_value:
                "closed is not reported while a value that was sent is still inside, even promised to a waiting receive",
            close::closed_before_last_value_race:
                "the same with the last sender on another thread",
            close::last_sender_wakes_receivers:
                "waiting receives are woken when the last sender goes",
            close::last_receiver_wakes_senders:
                "waiting sends are woken when the last receiver goes, and get their values back",
            close::explicit_close_wakes_receivers:
                "waiting receives are woken by an explicit close",
            close::last_permit_wakes_receivers:
                "after a close, the release of the last permit wakes the waiting receive",
            close::send_after_close_is_refused:
                "no send is accepted after a close, and what was accepted before it comes out",
            close::send_races_close:
                "a send that was accepted while another thread closed is received before closed is reported",
            close::send_races_last_receiver:
                "a send that was accepted while another thread dropped the last receiver does not leave its value inside",
            close::values_outlive_receivers:
                "queued values are dropped with the last receiver, not with the last sender",
            order::waiting_sends_in_order:
                "buffered values come out first, then those of waiting sends, in order",
            order::returned_value_keeps_its_place:
                "a value whose receive was dropped is the next to come out",
            rendezvous::send_completes_unreceived:
                "at capacity zero nothing is accepted without a live receive waiting for it",
            rendezvous::either_side_first:
                "at capacity zero a send and a receive meet whichever came first",
            reenter::waker_of_receive_reenters:
                "the waker of a waiting receive may use the channel when a send wakes it",
            reenter::waker_of_send_reenters:
                "the waker of a waiting send may use the channel when a receive wakes it",
            reenter::waker_reenters_on_close:
                "wakers may use the channel when the last handle of the other side wakes them",
            reenter::waker_drops_its_receive:
                "a waker may drop the very receive it is called for",
            reenter::waker_polls_its_receive:
                "a waker may poll the very receive it is called for",
            reenter::replaced_waker_reenters:
                "a waker that is replaced may use the channel from its drop",
            reenter::dropped_waker_reenters:
                "a waker that goes with its future may use the channel from its drop",
            reenter::cloned_waker_reenters:
                "a waker may use the channel from its clone",
            panic::panicking_waker_on_close:
                "when one waker panics at close the others are woken all the same",
            panic::panicking_waker_on_send:
                "a waker that panics in a send leaves the channel usable and every value accounted for",
            panic::panicking_waker_on_receive:
                "a waker that panics in a receive does not cost the value in hand",
            panic::panicking_waker_drop:
                "a waker that panics when dropped leaves the channel usable",
            panic::panicking_waker_clone:
                "a waker that panics when cloned leaves no waiter behind, and the channel usable",
            panic::panicking_value_drop_leaks:
                "when one queued value panics in its drop the rest are dropped all the same",
            panic::panicking_value_drop_strands_senders:
                "when a queued value panics in its drop the waiting sends are woken all the same",
            panic::panicking_value_clone:
                "a promise whose value panics in a clone stays usable",
            payload::queued_value_reenters:
                "queued values may use the channel from their drop when the last receiver goes",
            payload::waiting_value_reenters:
                "the value of a waiting send may use the channel from its drop when the send is dropped",
            payload::evicted_value_reenters:
                "a value that the policy drops may use the channel from its drop",
            register::waker_kept:
                "wakers are released with their futures, cancelled or done",
            register::stale_waker:
                "a future that was polled with a new waker wakes the new one, and keeps the old one no longer",
            register::nameless_waker:
                "a waker that never equals its own clone works like any other",
            register::idle_receive_wakes_itself:
                "a receive on an empty channel stays quiet",
            timeout::stale_waiter:
                "an operation that timed out leaves nothing behind that takes part later",
            timeout::duration_max:
                "the longest timeout there is neither overflows nor expires",
            size::large_values:
                "the stack holds a large value on its way, and not a block of slots for many",
            size::zero_sized_values:
                "values of no size are counted, delivered and dropped like others",
            select::two_sends_commit_one:
                "a select over two sends delivers one message",
            select::two_receives_take_one:
                "a select over two receives takes one value and leaves the other where it is",
            select::dropped_select_leaves_no_trace:
                "a select that is dropped while it waits has sent nothing and takes nothing",
            select::hostile_waker_of_dropped_select:
                "a select whose waker panics when dropped leaves no trace either",
            select::facing_selects_meet:
                "two selects that face each other at capacity zero meet, once",
            walk::random_walk:
                "in random orders of sends, receives, cancellations and turns nothing is lost, doubled or stuck",
            threads::empty_after_completed_send:
                "a receive that does not wait finds a value whose send has completed, whatever other senders do",
            threads::lost_wake_between_tasks:
                "two tasks on two threads never both sleep while there is work",
            threads::lost_wake_between_threads:
                "two blocking threads never both sleep while there is work",
            threads::lost_wake_between_task_and_thread:
                "a value that a dropped receive leaves behind wakes a blocked thread",
        }
    };
}

/// One bug, asked of the channels of one family.
#[derive(Clone, Copy, Debug)]
pub struct Case<F> {
    /// `module::function`, which is also the name of the test.
    pub name: &'static str,
    /// What a channel without the bug does.
    pub about: &'static str,
    /// Asks.
    pub run: fn(&F) -> Outcome,
}

/// Every case, in the order of the table.
pub fn all<F: Family>() -> Vec<Case<F>> {
    macro_rules! registry {
        ($($module:ident::$name:ident: $about:literal,)*) => {
            vec![$(Case {
                name: concat!(stringify!($module), "::", stringify!($name)),
                about: $about,
                run: $module::$name::<F>,
            },)*]
        };
    }
    for_each_case!(registry)
}

/// Asks `case` about a fresh channel of each policy.
///
/// The first failure ends it and names the policy. It is applicable when it is for one policy at least.
fn over<F: Family, T: Send + 'static>(
    family: &F,
    policies: &[Policy],
    case: impl Fn(Policy, F::Sender<T>, F::Receiver<T>) -> Outcome,
) -> Outcome {
    let mut applicable = false;
    let mut absent = None;
    for &policy in policies {
        let outcome = family
            .open(policy)
            .map_err(Fault::from)
            .and_then(|(tx, rx)| case(policy, tx, rx));
        match outcome {
            Ok(()) => applicable = true,
            Err(Fault::Absent(what)) => absent = absent.or(Some(what)),
            Err(Fault::Failed(what)) => return Err(Fault::Failed(format!("{policy}: {what}"))),
        }
    }
    match absent {
        Some(what) if !applicable => Err(what.into()),
        _ => Ok(()),
    }
}

/// Counts a part of a case as passed where the channel does not offer what that part needs.
fn if_offered(part: Outcome) -> Outcome {
    match part {
        Err(Fault::Absent(_)) => Ok(()),
        other => other,
    }
}

/// Sends without waiting, where there must be room.
fn put<T: Send + 'static>(tx: &impl SendEnd<T>, value: T) -> Outcome {
    match tx.try_send(value) {
        Ok(()) => Ok(()),
        Err(Refused::Full(_)) => failed("a send found no room where there must be some"),
        Err(Refused::Closed(_)) => failed("a send found an open channel closed"),
    }
}

/// A send that owns its handle, of a family that has an async send.
fn owned_send<F: Family, T: Send + 'static>(tx: F::Sender<T>, value: T) -> Boxed<'static, Sent<T>> {
    Box::pin(async move {
        match tx.send(value) {
            Ok(send) => send.await,
            Err(Absent(what)) => unreachable!("the case began without asking for {what}"),
        }
    })
}

/// A receive that owns its handle, of a family that has an async receive.
fn owned_receive<F: Family, T: Send + 'static>(
    mut rx: F::Receiver<T>,
) -> Boxed<'static, Received<T>> {
    Box::pin(async move {
        match rx.recv() {
            Ok(receive) => receive.await,
            Err(Absent(what)) => unreachable!("the case began without asking for {what}"),
        }
    })
}

/// Ends a case as failed.
fn failed<X>(what: impl Into<String>) -> Result<X, Fault> {
    Err(Fault::Failed(what.into()))
}
