//! What the public types are: sendable exactly when their payloads are, never pinned, safe to unwind past.

mod common;

use futures_core::{FusedStream, Stream};
use futures_sink::Sink;
use millstream::*;
use std::cell::Cell;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::iter::FusedIterator;
use std::marker::PhantomPinned;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::time::Duration;

/// Does not compile unless every type has the bounds.
macro_rules! assert_impl {
    (@one $type:ty, ($($bounds:tt)+)) => {
        const _: fn() = || {
            fn has<T: ?Sized + $($bounds)+>() {}
            has::<$type>();
        };
    };
    ($($type:ty),+ $(,)? => $bounds:tt) => {
        $(assert_impl!(@one $type, $bounds);)+
    };
}

/// Does not compile if one of the types has the bound: then there are two ways to read the last line.
macro_rules! assert_not_impl {
    ($($type:ty),+ $(,)? => $bound:path) => {
        $(const _: fn() = || {
            trait Either<A> { fn it() {} }
            impl<T: ?Sized> Either<()> for T {}
            struct Has;
            impl<T: ?Sized + $bound> Either<Has> for T {}
            let _ = <$type as Either<_>>::it;
        };)+
    };
}

/// May go to another thread, but must not be shared.
type Sendable = Cell<u32>;
/// Must stay on its thread.
type Local = Rc<u32>;

assert_impl!(
    Sender<Sendable>, Receiver<Sendable>, WeakSender<Sendable>, WeakReceiver<Sendable>, SendSink<Sendable>,
    RecvFuture<'static, Sendable>, ClaimFuture<'static, Sendable>, ReserveFuture<'static, Sendable>,
    ClosedFuture<'static, Sendable>, DrainedFuture<'static, Sendable>, Permit<'static, Sendable>,
    Iter<'static, Sendable>, TryIter<'static, Sendable>, IntoIter<Sendable>
    => (Send + Sync)
);
// These have values in them, or will have.
assert_impl!(
    SendFuture<'static, Sendable>, RecvManyFuture<'static, Sendable>, Claim<'static, Sendable>, Drain<Sendable>,
    SendManyFuture<'static, Sendable, std::vec::IntoIter<Sendable>>, SelectSet<'static, Sendable>,
    NextFuture<'static, 'static, u32>
    => (Send)
);
assert_impl!(
    SendFuture<'static, u32>, RecvManyFuture<'static, u32>, Claim<'static, u32>, Drain<u32> => (Send + Sync)
);
assert_not_impl!(
    Sender<Local>, Receiver<Local>, WeakSender<Local>, WeakReceiver<Local>, SendSink<Local>,
    RecvFuture<'static, Local>, ClaimFuture<'static, Local>, ReserveFuture<'static, Local>,
    ClosedFuture<'static, Local>, DrainedFuture<'static, Local>, Permit<'static, Local>,
    Iter<'static, Local>, TryIter<'static, Local>, IntoIter<Local>,
    SendFuture<'static, Local>, RecvManyFuture<'static, Local>, Claim<'static, Local>, Drain<Local>,
    SendManyFuture<'static, Local, std::iter::Empty<Local>>,
    SendManyFuture<'static, u32, std::iter::Take<std::iter::Repeat<Local>>>
    => Send
);
assert_not_impl!(
    Sender<Local>, Receiver<Local>, WeakSender<Local>, WeakReceiver<Local>, SendSink<Local>,
    RecvFuture<'static, Local>, ClaimFuture<'static, Local>, ReserveFuture<'static, Local>,
    ClosedFuture<'static, Local>, DrainedFuture<'static, Local>, Permit<'static, Local>,
    Drain<Sendable>, Claim<'static, Sendable>, SendFuture<'static, Sendable>
    => Sync
);
assert_impl!(
    Sender<PhantomPinned>, Receiver<PhantomPinned>, SendSink<PhantomPinned>,
    SendFuture<'static, PhantomPinned>, RecvFuture<'static, PhantomPinned>,
    RecvManyFuture<'static, PhantomPinned>, ReserveFuture<'static, PhantomPinned>,
    SendManyFuture<'static, PhantomPinned, std::iter::Repeat<PhantomPinned>>,
    ClaimFuture<'static, PhantomPinned>, ClosedFuture<'static, PhantomPinned>,
    DrainedFuture<'static, PhantomPinned>, SelectSet<'static, PhantomPinned>,
    NextFuture<'static, 'static, PhantomPinned>, Select<PhantomPinned>
    => (Unpin)
);
assert_impl!(
    Sender<Sendable>, Receiver<Sendable>, WeakSender<Sendable>, WeakReceiver<Sendable>, SendSink<Sendable>,
    RecvFuture<'static, Sendable>, ReserveFuture<'static, Sendable>, Permit<'static, Sendable>,
    ClosedFuture<'static, Sendable>, DrainedFuture<'static, Sendable>, IntoIter<Sendable>
    => (UnwindSafe + RefUnwindSafe)
);
/// Neither `Debug` nor `Clone` nor anything else.
struct Opaque;
assert_impl!(
    Sender<Opaque>, Receiver<Opaque>, WeakSender<Opaque>, WeakReceiver<Opaque>, Permit<'static, Opaque>,
    Claim<'static, Opaque>, SendError<Opaque>, TrySendError<Opaque>, SendTimeoutError<Opaque>, SendSink<Opaque>,
    Select<Opaque>, SelectSet<'static, Opaque>
    => (Debug)
);
assert_impl!(Sender<Opaque>, Receiver<Opaque>, WeakSender<Opaque>, WeakReceiver<Opaque> => (Clone));
assert_impl!(
    SendError<Opaque>, TrySendError<Opaque>, SendTimeoutError<Opaque>, RecvError, TryRecvError, RecvTimeoutError
    => (Error + Display + Debug + Send + Sync + 'static)
);
assert_impl!(Receiver<Opaque> => (Stream<Item = Opaque> + FusedStream + IntoIterator<Item = Opaque>));
assert_impl!(SendSink<Opaque> => (Sink<Opaque, Error = SendError<Option<Opaque>>>));
assert_impl!(Drain<Opaque> => (ExactSizeIterator + DoubleEndedIterator + FusedIterator));
assert_impl!(Iter<'static, Opaque>, IntoIter<Opaque> => (FusedIterator));
assert_impl!(Stats => (Clone + Debug + PartialEq + Send + Sync));

/// Whether a value's type may go to another thread, asked of types that have no name.
macro_rules! assert_not_send {
    ($value:expr) => {{
        trait Either<A> {
            fn it(&self) {}
        }
        impl<T: ?Sized> Either<()> for T {}
        #[allow(dead_code)]
        struct Has;
        impl<T: ?Sized + Send> Either<Has> for T {}
        Either::<_>::it(&$value);
    }};
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn selects_are_sendable_exactly_when_their_payloads_and_closures_are() {
    let (tx, rx) = bounded::<Sendable>(1);
    let mut slot = Some(Cell::new(1));
    drop(assert_send(
        Select::new()
            .recv(&rx, drop)
            .send(&tx, Cell::new(1), drop)
            .send_from(&tx, &mut slot, drop)
            .reserve(&tx, drop)
            .after(Duration::ZERO, || ())
            .default(|| ()),
    ));
    drop(assert_send(async {
        select! {
            value = rx.recv() => drop(value),
            sent = tx.send(Cell::new(1)) => drop(sent),
        }
    }));
    let (tx, rx) = bounded::<Local>(1);
    assert_not_send!(Select::new().recv(&rx, drop));
    assert_not_send!(Select::new().send(&tx, Rc::new(1), drop));
    let local = Rc::new(1);
    let (_tx, rx) = bounded::<u32>(1);
    assert_not_send!(Select::new().recv(&rx, move |_| drop(local)));
}

#[test]
fn futures_of_a_local_channel_are_selected_on_its_thread() {
    let (tx, rx) = bounded::<Local>(1);
    tx.try_send(Rc::new(5)).unwrap();
    assert_eq!(
        block_on(async {
            select! { value = rx.recv() => *value.unwrap() }
        }),
        5
    );
}

#[test]
fn every_future_can_be_polled_without_pinning() {
    fn polls<F: Future + Unpin>(mut future: F) {
        let _ = common::Bell::new().poll(&mut future);
    }
    let (tx, rx) = bounded::<PhantomPinned>(1);
    polls(tx.send(PhantomPinned));
    polls(tx.send_many([PhantomPinned]));
    polls(rx.recv());
    polls(Select::new().recv(&rx, drop).send(&tx, PhantomPinned, drop));
}

#[test]
fn errors_say_what_happened() {
    let not_sent = "the channel takes no more values: it was closed, or its last receiver is gone";
    let ended = "the channel is closed and everything in it has been received";
    let texts = [
        (SendError(Opaque).to_string(), not_sent),
        (TrySendError::Closed(Opaque).to_string(), not_sent),
        (SendTimeoutError::Closed(Opaque).to_string(), not_sent),
        (
            TrySendError::Full(Opaque).to_string(),
            "the channel has no room now, or nobody waits to receive",
        ),
        (
            SendTimeoutError::Timeout(Opaque).to_string(),
            "the time was up before the channel took the value",
        ),
        (RecvError.to_string(), ended),
        (TryRecvError::Closed.to_string(), ended),
        (RecvTimeoutError::Closed.to_string(), ended),
        (
            TryRecvError::Empty.to_string(),
            "the channel has nothing to receive now",
        ),
        (
            RecvTimeoutError::Timeout.to_string(),
            "the time was up before there was a value",
        ),
    ];
    for (text, expected) in texts {
        assert_eq!(text, expected);
    }
    let shown = [
        format!("{:?}", SendError(Opaque)),
        format!("{:?}", TrySendError::Full(Opaque)),
        format!("{:?}", TrySendError::Closed(Opaque)),
        format!("{:?}", SendTimeoutError::Timeout(Opaque)),
    ];
    assert_eq!(
        shown,
        ["SendError(..)", "Full(..)", "Closed(..)", "Timeout(..)"]
    );
}

#[test]
fn errors_give_the_value_back_and_tell_themselves_apart() {
    assert_eq!(SendError(1).into_inner(), 1);
    let (full, closed) = (TrySendError::Full(2), TrySendError::Closed(3));
    assert!(full.is_full() && !full.is_closed() && closed.is_closed() && !closed.is_full());
    assert_eq!((full.into_inner(), closed.into_inner()), (2, 3));
    let (late, closed) = (SendTimeoutError::Timeout(4), SendTimeoutError::Closed(5));
    assert!(late.is_timeout() && !late.is_closed() && closed.is_closed() && !closed.is_timeout());
    assert_eq!((late.into_inner(), closed.into_inner()), (4, 5));
    assert!(TryRecvError::Empty.is_empty() && TryRecvError::Closed.is_closed());
    assert!(!TryRecvError::Empty.is_closed() && !TryRecvError::Closed.is_empty());
    assert!(RecvTimeoutError::Timeout.is_timeout() && RecvTimeoutError::Closed.is_closed());
    assert!(!RecvTimeoutError::Timeout.is_closed() && !RecvTimeoutError::Closed.is_timeout());
}

#[test]
fn errors_convert_into_those_that_say_more() {
    fn sends(value: u32) -> Result<(), TrySendError<u32>> {
        Err(SendError(value))?;
        Ok(())
    }
    fn sends_in_time(value: u32) -> Result<(), SendTimeoutError<u32>> {
        Err(SendError(value))?;
        Ok(())
    }
    fn receives() -> Result<(), Box<dyn Error + Send + Sync>> {
        Err(RecvError)?;
        Ok(())
    }
    assert_eq!(sends(1), Err(TrySendError::Closed(1)));
    assert_eq!(sends_in_time(2), Err(SendTimeoutError::Closed(2)));
    assert_eq!(TryRecvError::from(RecvError), TryRecvError::Closed);
    assert_eq!(RecvTimeoutError::from(RecvError), RecvTimeoutError::Closed);
    assert!(receives().unwrap_err().is::<RecvError>());
}
