//! What every arm of a select can do, whatever it waits for.

use crate::wait::Own;
use std::task::Context;
use std::time::Instant;

/// How the registration of an arm ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It stands in its channel's line, or is switched off.
    Waiting,
    /// It has won its own select: finish it.
    Won,
    /// Another arm was committed by a peer meanwhile.
    OwnGone,
    /// User code must run to find out, which it cannot while the select is registered: start over.
    Look,
}

/// One arm, without the type of what it yields.
///
/// The life of an arm: `attempt`s while the select is known to nobody; then `register`, and either `withdraw`
/// or `finish`, after which it may start anew.
pub trait Arm {
    /// Whether the arm takes part.
    fn is_on(&self) -> bool;

    /// One attempt while the select is registered nowhere; `true` if the arm has its result. A `patient`
    /// attempt waits for a short call of user code.
    fn attempt(&mut self, patient: bool) -> bool;

    /// Joins the line of the arm's channel, or wins the select if there is no need to wait.
    fn register(&mut self, own: Own<'_>) -> Registered;

    /// Leaves the line. What the arm had put into it comes back; what it was granted passes on.
    fn withdraw(&mut self);

    /// The arm has won: takes its result, last of all. `false` if it was told to look again.
    fn finish(&mut self) -> bool;

    /// Whether the arm is a time that has come. With a context it is to be woken then; without one the
    /// caller's thread waits until [`Arm::deadline`] itself.
    fn is_due(&mut self, _context: Option<&mut Context<'_>>) -> bool {
        false
    }

    /// When the arm is due, once that is known.
    fn deadline(&self) -> Option<Instant> {
        None
    }
}

/// An arm with the type of what it yields.
pub trait Core: Arm {
    type Output;

    /// The result, once there is one.
    fn take(&mut self) -> Self::Output;
}

/// An operation that can be an arm of a select: what [`Receiver::recv`](crate::Receiver::recv),
/// [`Receiver::claim`](crate::Receiver::claim), [`Sender::send`](crate::Sender::send) and [`Sender::reserve`](crate::Sender::reserve) return, or an
/// `Option` of it, where `None` is an arm that is switched off.
///
/// The trait is sealed: an arm has to take part in the commit protocol.
pub trait Selectable: sealed::Sealed {
    /// What the operation yields.
    type Output;
    #[doc(hidden)]
    type Core: Core<Output = Self::Output>;
    #[doc(hidden)]
    fn into_core(self) -> Self::Core;
}

pub(super) mod sealed {
    pub trait Sealed {}
}

impl<S: sealed::Sealed> sealed::Sealed for Option<S> {}

impl<S: Selectable> Selectable for Option<S> {
    type Output = S::Output;
    type Core = Option<S::Core>;

    #[inline(always)]
    fn into_core(self) -> Self::Core {
        self.map(S::into_core)
    }
}

impl<C: Core> Core for Option<C> {
    type Output = C::Output;

    fn take(&mut self) -> C::Output {
        self.as_mut().expect("an arm that is on").take()
    }
}

/// `None` is an arm that is switched off.
impl<A: Arm> Arm for Option<A> {
    fn is_on(&self) -> bool {
        self.as_ref().is_some_and(A::is_on)
    }

    fn attempt(&mut self, patient: bool) -> bool {
        self.as_mut().is_some_and(|arm| arm.attempt(patient))
    }

    fn register(&mut self, own: Own<'_>) -> Registered {
        match self {
            Some(arm) => arm.register(own),
            None => Registered::Waiting,
        }
    }

    fn withdraw(&mut self) {
        if let Some(arm) = self {
            arm.withdraw();
        }
    }

    fn finish(&mut self) -> bool {
        self.as_mut().is_some_and(A::finish)
    }
}
