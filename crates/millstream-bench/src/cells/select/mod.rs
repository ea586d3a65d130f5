//! `select-…`: one task receives from whichever of several channels has something, again and again.
//!
//! The cells come in two families, because there are two ways to write such a loop with millstream: a select for each message, and, with `-set` in the name, a set of arms that stays for all of them. The peers are the same in both.

use std::future::Future;

use crate::cell::{Cells, Peer};
use crate::peers::{AsyncChannel, ReceiverOf};

mod loaded;
mod millstream;
mod sparse;
mod streams;
mod tokio_select;

pub fn enter_all(cells: &mut Cells) {
    enter_eight::<millstream::OneShot>(cells, "");
    enter_eight::<millstream::Set>(cells, "-set");
    for family in ["", "-set"] {
        enter_eight::<tokio_select::OverLoole>(cells, family);
        enter_eight::<tokio_select::OverMpsc>(cells, family);
        enter_eight::<streams::TokioStreamMap>(cells, family);
        enter_eight::<streams::FuturesConcurrency>(cells, family);
        enter_eight::<streams::FuturesBuffered>(cells, family);
        enter_eight::<streams::SelectAll>(cells, family);
    }
    sparse::enter_wide::<millstream::Set>(cells);
    sparse::enter_wide::<streams::TokioStreamMap>(cells);
    sparse::enter_wide::<streams::FuturesConcurrency>(cells);
    sparse::enter_wide::<streams::FuturesBuffered>(cells);
    sparse::enter_wide::<streams::SelectAll>(cells);
}

fn enter_eight<S: Selecting>(cells: &mut Cells, family: &str) {
    loaded::enter::<S>(cells, family);
    sparse::enter::<S>(cells, family);
}

/// How many channels the cells of fixed width have.
const WAYS: usize = 8;

/// A peer's way to receive from any of several channels, in a task.
trait Selecting: 'static {
    const PEER: Peer;
    /// The channels that it receives from.
    type Channel: AsyncChannel;

    /// Receives `count` values, of which each goes to `then` before the next is asked for.
    ///
    /// All channels stay open until then: what a closed channel costs is not what is measured here.
    fn receive(
        receivers: Vec<ReceiverOf<Self::Channel>>,
        count: usize,
        then: impl FnMut(usize) + Send,
    ) -> impl Future<Output = ()> + Send;
}
