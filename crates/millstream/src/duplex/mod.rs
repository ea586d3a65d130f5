//! Duplex: two ends, each of which sends what the other receives, in step with each other.
//!
//! [`duplex`] makes a pair. There is no buffer: a send gives its value to the peer and returns when the peer has moved on
//! from it, so the sender knows that the value was dealt with and not just taken. How an end went away is part of what its
//! peer receives: [`Ended`] tells a normal close from an error and from an end that was just dropped, and no pending
//! operation outlasts the peer.
//!
//! It is sav.channels' pair of generators. What differs: there the end of one side by an error, a `break` or a
//! cancellation is a clean end, an `InvalidStateError` or a hang at the other. For many senders and receivers, buffers and
//! `select!`, use [channels](crate::bounded).
//!
//! # Examples
//!
//! ```
//! use millstream::duplex::{duplex, Ended};
//!
//! # millstream::block_on(async {
//! let (mut letters, mut numbers) = duplex::<char, u32>();
//! millstream::runtime::spawn(async move {
//!     // Answers each letter with its place in the alphabet.
//!     while let Ok(letter) = numbers.recv().await {
//!         let place = u32::from(letter) - u32::from('a') + 1;
//!         numbers.send(place).await.unwrap();
//!     }
//!     numbers.close();
//! });
//!
//! letters.send('c').await.unwrap();
//! assert_eq!(letters.recv().await.unwrap(), 3);
//! letters.send('z').await.unwrap();
//! assert_eq!(letters.recv().await.unwrap(), 26);
//! # });
//! ```

mod end;
mod error;
mod pair;
mod recv;
mod send;
mod stream;

pub use end::{duplex, End};
pub use error::{Ended, SendFailure};
pub use recv::RecvFuture;
pub use send::SendFuture;
