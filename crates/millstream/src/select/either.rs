//! An arm of one of two kinds, for selects whose arms are known only when they run.

use super::arm::{sealed::Sealed, Arm, Core, Registered, Selectable};
use crate::wait::Own;
use std::task::Context;
use std::time::Instant;

/// One of two operations: an arm for [`Select::each`](crate::Select::each) when some arms send and others receive.
///
/// # Examples
///
/// ```
/// use millstream::EitherArm::{self, Left, Right};
///
/// let (tx, _rx) = millstream::bounded(1);
/// let (_tx, rx) = millstream::bounded::<u32>(1);
/// let arms = [Left(tx.send(7)), Right(rx.recv())];
/// let (index, result) = millstream::Select::new()
///     .each(arms, |index, result| (index, result))
///     .wait();
/// assert_eq!((index, result), (0, Left(Ok(()))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EitherArm<A, B> {
    /// The first kind.
    Left(A),
    /// The second kind.
    Right(B),
}

use EitherArm::{Left, Right};

/// Does the same with whichever it is.
macro_rules! either {
    ($self:expr, $arm:ident => $body:expr) => {
        match $self {
            Left($arm) => $body,
            Right($arm) => $body,
        }
    };
}

impl<A: Sealed, B: Sealed> Sealed for EitherArm<A, B> {}

impl<A: Selectable, B: Selectable> Selectable for EitherArm<A, B> {
    type Output = EitherArm<A::Output, B::Output>;
    type Core = EitherArm<A::Core, B::Core>;

    fn into_core(self) -> Self::Core {
        match self {
            Left(operation) => Left(operation.into_core()),
            Right(operation) => Right(operation.into_core()),
        }
    }
}

impl<A: Arm, B: Arm> Arm for EitherArm<A, B> {
    fn is_on(&self) -> bool {
        either!(self, arm => arm.is_on())
    }

    fn attempt(&mut self, patient: bool) -> bool {
        either!(self, arm => arm.attempt(patient))
    }

    fn register(&mut self, own: Own<'_>) -> Registered {
        either!(self, arm => arm.register(own))
    }

    fn withdraw(&mut self) {
        either!(self, arm => arm.withdraw())
    }

    fn finish(&mut self) -> bool {
        either!(self, arm => arm.finish())
    }

    fn is_due(&mut self, context: Option<&mut Context<'_>>) -> bool {
        either!(self, arm => arm.is_due(context))
    }

    fn deadline(&self) -> Option<Instant> {
        either!(self, arm => arm.deadline())
    }
}

impl<A: Core, B: Core> Core for EitherArm<A, B> {
    type Output = EitherArm<A::Output, B::Output>;

    fn take(&mut self) -> Self::Output {
        match self {
            Left(arm) => Left(arm.take()),
            Right(arm) => Right(arm.take()),
        }
    }
}
