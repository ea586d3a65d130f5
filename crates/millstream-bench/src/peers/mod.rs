//! The peers: one file each, all behind the same small traits.
//!
//! A new peer is a file here that implements what the peer can do and enters itself, and one line in [`enter_all`].

use std::future::Future;

use crate::cell::Cells;

mod async_channel;
mod crossbeam_channel;
mod flume;
mod kanal;
mod loole;
mod millstream;
pub mod mutex_vecdeque;
mod tokio_mpsc;

/// Enters every peer in every cell that it can run.
pub fn enter_all(cells: &mut Cells) {
    millstream::enter(cells);
    flume::enter(cells);
    kanal::enter(cells);
    loole::enter(cells);
    async_channel::enter(cells);
    crossbeam_channel::enter(cells);
    tokio_mpsc::enter(cells);
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

/// A peer's channel of `usize`.
pub trait Channel: 'static {
    /// The peer's name in tables, files and on the command line; several channel types of one crate may share it.
    const NAME: &'static str;
    /// The package whose version is reported.
    const PACKAGE: &'static str = Self::NAME;
    const STANDING: Standing = Standing::Sound;

    type Sender: Clone + Send + Sync + 'static;
    type Receiver: Send + 'static;

    /// Makes a channel of this capacity (0 is a rendezvous, `None` is unbounded), or `None` where the peer has no such channel.
    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)>;
}

/// A channel whose waiting is done by tasks.
///
/// The futures are the peer's own wherever it has one, so that nothing is measured around them.
pub trait AsyncChannel: Channel {
    fn send(
        sender: &Self::Sender,
        value: usize,
    ) -> impl Future<Output = impl IntoOption<()>> + Send;

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = impl IntoOption<usize>> + Send;
}

/// A channel whose waiting is done by threads.
pub trait BlockingChannel: Channel {
    fn send_blocking(sender: &Self::Sender, value: usize) -> impl IntoOption<()>;

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<usize>;
}

/// A channel with operations that never wait.
pub trait TryChannel: Channel {
    fn try_send(sender: &Self::Sender, value: usize) -> impl IntoOption<()>;

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<usize>;
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
