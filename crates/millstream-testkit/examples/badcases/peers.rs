//! The channels in the other columns of the table, translated to the testkit's [`Family`] and nothing added.
//!
//! [`Family`]: millstream_testkit::peer::Family

mod async_channel;
mod crossbeam;
mod flume;
mod kanal;
mod loole;
mod tokio_mpsc;

use millstream_testkit::drive::Boxed;
use millstream_testkit::peer::{ReceiveEnd, Received, SendEnd, Sent};
use millstream_testkit::verdict::Offer;

pub use async_channel::AsyncChannel;
pub use crossbeam::Crossbeam;
pub use flume::Flume;
pub use kanal::Kanal;
pub use loole::Loole;
pub use tokio_mpsc::TokioMpsc;

/// What there is to use where a channel has no select of its own: `tokio::select!` over two of its futures.
///
/// It is biased only so that the table is the same in every run.
fn select_send<'a, T: Send + 'static, S: SendEnd<T>>(
    first: (&'a S, T),
    second: (&'a S, T),
) -> Offer<Boxed<'a, (usize, Sent<T>)>> {
    let (first, second) = (first.0.send(first.1)?, second.0.send(second.1)?);
    Ok(Box::pin(async move {
        tokio::select! {
            biased;
            sent = first => (0, sent),
            sent = second => (1, sent),
        }
    }))
}

/// The same over receives.
fn select_receive<'a, T: Send + 'static, R: ReceiveEnd<T>>(
    first: &'a mut R,
    second: &'a mut R,
) -> Offer<Boxed<'a, (usize, Received<T>)>> {
    let (first, second) = (first.recv()?, second.recv()?);
    Ok(Box::pin(async move {
        tokio::select! {
            biased;
            received = first => (0, received),
            received = second => (1, received),
        }
    }))
}
