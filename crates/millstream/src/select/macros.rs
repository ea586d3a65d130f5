//! The `select!` macro: the builder, with bodies that run outside of it.

#![allow(missing_docs)] // What the expansion uses is hidden; the macro itself is documented.

/// One of two, nested to carry which arm of a `select!` has won.
#[derive(Debug)]
pub enum Either<L, R> {
    Left(L),
    Right(R),
}

/// Waits for the first of several operations, of which exactly one happens, and runs the body of that arm.
///
/// ```text
/// select! {
///     value = rx.recv() => …,             // value: Result<T, RecvError>
///     sent = tx.send(x) => …,             // sent: Result<(), SendError<T>>
///     permit = tx.reserve() => …,         // permit: Result<Permit<T>, SendError<()>>
///     after(duration) => …,               // no other arm was ready in that time
///     default => …,                       // no other arm is ready now
/// }
/// ```
///
/// Any arm may have a condition: `value = rx.recv(), if !done => …`; where it is false the arm is switched
/// off, and its operation is not even built. Start with `biased;` to try the arms in order, and with
/// `blocking;` to wait on a thread instead of awaiting (both: `biased; blocking;`).
///
/// The bodies run after the select is over, in the function that contains the macro: they can use `?`,
/// `break`, `return` and `.await`, and may all use the same variables mutably. Patterns must be irrefutable,
/// since a value that was received must go somewhere: match on it in the body.
///
/// Some thirty arms fit into the compiler's usual recursion limit; for arms in numbers there is
/// [`Select::each`](crate::Select::each), for loops over many channels [`SelectSet`](crate::SelectSet).
///
/// Everything said of [`Select`](crate::Select) holds: one arm commits, the others leave no trace.
///
/// # Examples
///
/// ```
/// use millstream::select;
/// use std::time::Duration;
///
/// # millstream::block_on(async {
/// let (tx, rx) = millstream::bounded(1);
/// let (out, _keep) = millstream::bounded(1);
/// tx.send(1).await.unwrap();
/// drop(tx);
///
/// let mut sum = 0;
/// let mut sent = false;
/// loop {
///     select! {
///         value = rx.recv() => match value {
///             Ok(value) => sum += value,
///             Err(_) => break,
///         },
///         _ = out.send("once"), if !sent => sent = true,
///         after(Duration::from_secs(60)) => panic!("nobody came"),
///     }
/// }
/// assert_eq!(sum, 1);
/// # });
/// ```
///
/// # Why not `tokio::select!` over two sends
///
/// It polls both, and each poll may send: with channels whose sends commit on their own, a select over two of
/// them can deliver both values, or lose one. The following runs `tokio::select!` over two sends of another
/// crate, and the same select here.
///
/// ```
/// # use std::future::Future;
/// # use std::task::{Context, Waker};
/// # fn poll_once<F: Future + Unpin>(future: &mut F) -> bool {
/// #     std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
/// # }
/// // Other channels: two rendezvous, and a receiver for each after the sends have started.
/// let (a, from_a) = flume::bounded(0);
/// let (b, from_b) = flume::bounded(0);
/// let (a, b) = (a.into_send_async("a"), b.into_send_async("b"));
/// let mut both = Box::pin(async move {
///     tokio::select! { _ = a => "a", _ = b => "b" }
/// });
/// assert!(!poll_once(&mut both), "nobody receives yet");
/// let got = (from_a.try_recv(), from_b.try_recv());
/// assert_eq!(got, (Ok("a"), Ok("b")), "one select, two values");
///
/// // Here: the first receiver commits one arm, and the other arm is gone.
/// let (a, from_a) = millstream::rendezvous();
/// let (b, from_b) = millstream::rendezvous();
/// let mut one = Box::pin(async move {
///     millstream::select! { _ = a.send("a") => "a", _ = b.send("b") => "b" }
/// });
/// assert!(!poll_once(&mut one), "nobody receives yet");
/// assert_eq!(from_a.try_recv(), Ok("a"));
/// assert!(from_b.try_recv().is_err(), "one select, one value");
/// assert!(poll_once(&mut one));
/// ```
#[macro_export]
macro_rules! select {
    (biased; blocking; $($arms:tt)+) => { $crate::__select!(@start [biased] [wait] $($arms)+) };
    (blocking; biased; $($arms:tt)+) => { $crate::__select!(@start [biased] [wait] $($arms)+) };
    (biased; $($arms:tt)+) => { $crate::__select!(@start [biased] [await] $($arms)+) };
    (blocking; $($arms:tt)+) => { $crate::__select!(@start [] [wait] $($arms)+) };
    ($($arms:tt)+) => { $crate::__select!(@start [] [await] $($arms)+) };
    () => { compile_error!("select! needs at least one arm") };
}

/// Collects the arms as `{ kind (operation) (condition) (pattern) (body) }`, then writes the builder and the
/// match. A value of arm n is wrapped in n times `Right` and one `Left`, the last one in `Right`s alone.
#[doc(hidden)]
#[macro_export]
macro_rules! __select {
    (@start $biased:tt $mode:tt $($arms:tt)+) => {
        $crate::__select!(@collect $biased $mode [] $($arms)+)
    };

    // Each arm in its forms: with and without a condition, with a block, an expression and a comma, or last.
    (@collect $biased:tt $mode:tt [$($done:tt)*] default $(, if $cond:expr)? => $body:block , $($rest:tt)*) => {
        $crate::__select!(@collect $biased $mode [$($done)* { default () ($($cond)?) (_) ($body) }] $($rest)*)
    };
    (@collect $biased:tt $mode:tt [$($done:tt)*] default $(, if $cond:expr)? => $body:block $($rest:tt)*) => {
        $crate::__select!(@collect $biased $mode [$($done)* { default () ($($cond)?) (_) ($body) }] $($rest)*)
    };
    (@collect $biased:tt $mode:tt [$($done:tt)*] default $(, if $cond:expr)? => $body:expr , $($rest:tt)*) => {
        $crate::__select!(@collect $biased $mode [$($done)* { default () ($($cond)?) (_) ($body) }] $($rest)*)
    };
    (@collect $biased:tt $mode:tt [$($done:tt)*] default $(, if $cond:expr)? => $body:expr) => {
        $crate::__select!(@collect $biased $mode [$($done)* { default () ($($cond)?) (_) ($body) }])
    };
    (@collect $biased:tt $mode:tt [$($done:tt)*] after($delay:expr) $(, if $cond:expr)? => $body:block , $($rest:tt)*) => {
        $crate::__select!(@collect $biased $mode [$($done)* { after ($delay) ($($cond)?) (_) ($body) }] $($rest)*)
    };
    (@collect $biased:tt $mode:tt [$($done:tt)*] after($delay:expr) $(, if $cond:expr)? => $body:block $($rest:tt)*) => {
        $crate::__select!(@collect $biased $mode [$($done)* { after ($delay) ($($cond)?) (_) ($body) }] $($rest)*)
    };
    (@collect $biased:tt $mode:tt [$($done:tt)*] after($delay:expr) $(, if $cond:expr)? => $body:expr , $($rest:tt)*) => {
        $crate::__select!(@collect $biased $mode [$($done)* { after ($delay) ($($cond)?) (_) ($body) }] $($rest)*)
    };
    (@collect $biased:tt $mode:tt [$($done:tt)*] after($delay:expr) $(, if $cond:expr)? => $body:expr) => {
        $crate::__select!(@collect $biased $mode [$($done)* { after ($delay) ($($cond)?) (_) ($body) }])
    };
    (@collect $biased:tt $mode:tt [$($done:tt)*] $pattern:pat = $operation:expr $(, if $cond:expr)? => $body:block , $($rest:tt)*) => {
        $crate::__select!(@collect $biased $mode [$($done)* { arm ($operation) ($($cond)?) ($pattern) ($body) }] $($rest)*)
    };
    (@collect $biased:tt $mode:tt [$($done:tt)*] $pattern:pat = $operation:expr $(, if $cond:expr)? => $body:block $($rest:tt)*) => {
        $crate::__select!(@collect $biased $mode [$($done)* { arm ($operation) ($($cond)?) ($pattern) ($body) }] $($rest)*)
    };
    (@collect $biased:tt $mode:tt [$($done:tt)*] $pattern:pat = $operation:expr $(, if $cond:expr)? => $body:expr , $($rest:tt)*) => {
        $crate::__select!(@collect $biased $mode [$($done)* { arm ($operation) ($($cond)?) ($pattern) ($body) }] $($rest)*)
    };
    (@collect $biased:tt $mode:tt [$($done:tt)*] $pattern:pat = $operation:expr $(, if $cond:expr)? => $body:expr) => {
        $crate::__select!(@collect $biased $mode [$($done)* { arm ($operation) ($($cond)?) ($pattern) ($body) }])
    };
    // All arms are collected: build.
    (@collect $biased:tt $mode:tt [$($done:tt)+]) => {
        $crate::__select!(@build $biased $mode [$crate::Select::new()] [] [] $($done)+)
    };

    // One arm after the other: the builder grows, and so do the match arms. `$wrap` holds the `Right`s so far.
    (@build $biased:tt $mode:tt [$($select:tt)+] [$($wrap:tt)*] [$($arms:tt)*] { $kind:ident $operation:tt $cond:tt ($pattern:pat) ($body:expr) }) => {
        $crate::__select!(@run $biased $mode
            [$crate::__select!(@add [$($select)+] $kind $operation $cond [$($wrap)*])]
            { $($arms)* $crate::__select!(@pattern [$($wrap)*] $pattern) => $body }
        )
    };
    (@build $biased:tt $mode:tt [$($select:tt)+] [$($wrap:tt)*] [$($arms:tt)*] { $kind:ident $operation:tt $cond:tt ($pattern:pat) ($body:expr) } $($rest:tt)+) => {
        $crate::__select!(@build $biased $mode
            [$crate::__select!(@add [$($select)+] $kind $operation $cond [$($wrap)* Left])]
            [$($wrap)* Right]
            [$($arms)* $crate::__select!(@pattern [$($wrap)* Left] $pattern) => $body,]
            $($rest)+
        )
    };

    (@add [$select:expr] arm ($operation:expr) () [$($wrap:ident)*]) => {
        $select.arm($operation, |result| $crate::__select!(@wrap [$($wrap)*] result))
    };
    (@add [$select:expr] arm ($operation:expr) ($cond:expr) [$($wrap:ident)*]) => {
        $select.arm(
            if $cond { ::core::option::Option::Some($operation) } else { ::core::option::Option::None },
            |result| $crate::__select!(@wrap [$($wrap)*] result),
        )
    };
    (@add [$select:expr] after ($delay:expr) () [$($wrap:ident)*]) => {
        $select.after($delay, || $crate::__select!(@wrap [$($wrap)*] ()))
    };
    (@add [$select:expr] after ($delay:expr) ($cond:expr) [$($wrap:ident)*]) => {
        $select.after(
            if $cond { ::core::option::Option::Some($delay) } else { ::core::option::Option::None },
            || $crate::__select!(@wrap [$($wrap)*] ()),
        )
    };
    (@add [$select:expr] default () () [$($wrap:ident)*]) => {
        $select.default(|| $crate::__select!(@wrap [$($wrap)*] ()))
    };
    (@add [$select:expr] default () ($cond:expr) [$($wrap:ident)*]) => {
        $select.default_if($cond, || $crate::__select!(@wrap [$($wrap)*] ()))
    };

    (@wrap [] $value:expr) => { $value };
    (@wrap [$first:ident $($wrap:ident)*] $value:expr) => {
        $crate::select_private::Either::$first($crate::__select!(@wrap [$($wrap)*] $value))
    };
    (@pattern [] $pattern:pat) => { $pattern };
    (@pattern [$first:ident $($wrap:ident)*] $pattern:pat) => {
        $crate::select_private::Either::$first($crate::__select!(@pattern [$($wrap)*] $pattern))
    };

    // A statement of its own, so that what the arms borrowed is free again when the bodies run.
    (@run [] [await] [$select:expr] { $($arms:tt)* }) => { { let output = $select.await; match output { $($arms)* } } };
    (@run [] [wait] [$select:expr] { $($arms:tt)* }) => { { let output = $select.wait(); match output { $($arms)* } } };
    (@run [biased] [await] [$select:expr] { $($arms:tt)* }) => { { let output = $select.biased().await; match output { $($arms)* } } };
    (@run [biased] [wait] [$select:expr] { $($arms:tt)* }) => { { let output = $select.biased().wait(); match output { $($arms)* } } };
}
