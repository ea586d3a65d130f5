//! `select-…/threads`: one thread receives from whichever of eight channels has something, again and again.
//!
//! As for tasks, `-set` in a cell's name says that millstream's arms stay from one message to the next.

use crate::cell::{Cells, Peer};

mod loaded;
mod peers;
mod sparse;

pub fn enter_all(cells: &mut Cells) {
    enter::<peers::MillstreamOneShot>(cells, "");
    enter::<peers::MillstreamSet>(cells, "-set");
    for family in ["", "-set"] {
        enter::<peers::CrossbeamMacro>(cells, family);
        enter::<peers::CrossbeamReused>(cells, family);
        enter::<peers::Crossfire>(cells, family);
        enter::<peers::Flume>(cells, family);
    }
}

fn enter<S: Selecting>(cells: &mut Cells, family: &str) {
    loaded::enter::<S>(cells, family);
    sparse::enter::<S>(cells, family);
}

const WAYS: usize = 8;

/// A peer's way to receive from any of eight channels, on a thread.
trait Selecting: 'static {
    const PEER: Peer;
    type Sender: Send;
    type Receiver: Send;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver);

    fn send(sender: &Self::Sender, value: usize);

    /// Receives `count` values, of which each goes to `then` before the next is asked for. All channels stay open until then.
    fn receive(receivers: Vec<Self::Receiver>, count: usize, then: impl FnMut(usize));
}

/// Makes the channels of a cell.
fn channels<S: Selecting>(capacity: usize) -> (Vec<S::Sender>, Vec<S::Receiver>) {
    (0..WAYS).map(|_| S::bounded(capacity)).unzip()
}
