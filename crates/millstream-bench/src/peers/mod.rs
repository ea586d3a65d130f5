//! The peers: one file each, all behind the same small traits.
//!
//! A new peer is a file here that implements what the peer can do and enters itself, and one line in [`enter_all`].

use std::future::Future;

use crate::cell::{Cells, Peer};
use crate::payload::Payload;

pub mod async_channel;
pub mod crossbeam_channel;
pub mod crossfire;
mod define;
mod fibre;
pub mod flume;
mod futures_intrusive;
mod futures_mpsc;
pub mod kanal;
pub mod loole;
pub mod millstream;
mod mutex_vecdeque;
mod postage;
mod std_mpsc;
mod tachyonix;
pub mod tokio_mpsc;

/// Enters every peer in every cell that it can run.
pub fn enter_all(cells: &mut Cells) {
    millstream::enter(cells);
    flume::enter(cells);
    kanal::enter(cells);
    loole::enter(cells);
    async_channel::enter(cells);
    crossbeam_channel::enter(cells);
    tokio_mpsc::enter(cells);
    crossfire::enter(cells);
    fibre::enter(cells);
    tachyonix::enter(cells);
    std_mpsc::enter(cells);
    postage::enter(cells);
    futures_mpsc::enter(cells);
    futures_intrusive::enter(cells);
    mutex_vecdeque::enter(cells);
}

/// What a peer's figure may be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The crate under test: measured against the others, never the measure.
    Subject,
    /// Keeps its promises, so the best of these is the measure.
    Sound,
    /// Loses values or is unsound, for the reason given: shown, but not the measure.
    Flawed(&'static str),
    /// Not a channel but a bound on what one can cost, for the reason given.
    Floor(&'static str),
}

/// A peer's channel of values of the type `T`.
pub trait Channel<T: Payload = usize>: 'static {
    /// Several channel types of one crate may share a name, as long as no cell has two of them.
    const PEER: Peer;

    type Sender: Send + 'static;
    type Receiver: Send + 'static;

    /// Makes a channel of this capacity (0 is a rendezvous, `None` is unbounded), or `None` where the peer has no such channel.
    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)>;
}

pub type SenderOf<C, T = usize> = <C as Channel<T>>::Sender;
pub type ReceiverOf<C, T = usize> = <C as Channel<T>>::Receiver;

/// A channel whose waiting is done by tasks.
///
/// The futures are the peer's own wherever it has one, so that nothing is measured around them.
pub trait AsyncChannel<T: Payload = usize>: Channel<T> {
    fn send(
        sender: &mut Self::Sender,
        value: T,
    ) -> impl Future<Output = impl IntoOption<()>> + Send;

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = impl IntoOption<T>> + Send;
}

/// A channel whose waiting is done by threads.
pub trait BlockingChannel<T: Payload = usize>: Channel<T> {
    fn send_blocking(sender: &mut Self::Sender, value: T) -> impl IntoOption<()>;

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<T>;
}

/// A channel with operations that never wait.
pub trait TryChannel<T: Payload = usize>: Channel<T> {
    fn try_send(sender: &mut Self::Sender, value: T) -> impl IntoOption<()>;

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<T>;
}

/// What an operation came to, whichever way the peer spells it: `None` is closed, full or empty.
pub trait IntoOption<T> {
    fn into_option(self) -> Option<T>;
}

impl<T> IntoOption<T> for Option<T> {
    fn into_option(self) -> Option<T> {
        self
    }
}

impl<T, E> IntoOption<T> for Result<T, E> {
    fn into_option(self) -> Option<T> {
        self.ok()
    }
}
