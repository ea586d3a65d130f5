//! Bridges: blocking iterators, threads, listening sockets and asynchronous streams, joined by channels.
//!
//! | From | To | |
//! |---|---|---|
//! | an iterator that blocks | a receiver | [`from_blocking_iter`] |
//! | a stream | an iterator that blocks | [`stream_to_iter`] |
//! | a future | a thread of its own | [`run_in_thread`] |
//! | a listening socket | a receiver of connections | [`accept`] (on Unix) |
//! | an `async fn` that accepts | a receiver of connections | [`accept_with`] |
//!
//! A [`Receiver`](crate::Receiver) is on both sides at once: `recv().await` and `Stream` for tasks, `recv_blocking` and
//! `iter` for threads. So a channel between the two needs no bridge, and aiochan's `to_queue` is the receiver itself.
//!
//! All of these end when nobody receives any more, whatever they wait for, as far as the operating system lets them: a
//! thread that is inside somebody else's blocking call ends after it. A panic comes out where the value would have.

#[cfg(unix)]
mod accept;
mod accept_with;
mod backoff;
#[cfg(unix)]
mod doorbell;
mod from_blocking_iter;
mod place;
mod run_in_thread;
mod stream_to_iter;

#[cfg(unix)]
pub use accept::{accept, Listener};
pub use accept_with::accept_with;
pub use from_blocking_iter::from_blocking_iter;
pub use run_in_thread::run_in_thread;
pub use stream_to_iter::stream_to_iter;
