//! `select-…/threads`: one thread receives from whichever of eight channels has something, again and again.
//!
//! As for tasks, `-set` in a cell's name says that millstream's arms stay from one message to the next.

use crate::cell::{Cells, Peer};
use crate::peers::{BlockingChannel, IntoOption, ReceiverOf, SenderOf};

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
        enter::<peers::FlumeSelector>(cells, family);
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
    /// The channels that it receives from.
    type Channel: BlockingChannel;

    /// Receives `count` values, of which each goes to `then` before the next is asked for. All channels stay open until then.
    fn receive(receivers: Vec<ReceiverOf<Self::Channel>>, count: usize, then: impl FnMut(usize));
}

/// # Panics
///
/// Panics when the channel is closed.
fn send<S: Selecting>(sender: &mut SenderOf<S::Channel>, value: usize) {
    let sent = S::Channel::send_blocking(sender, value);
    sent.into_option().expect("the channel is open");
}
