//! Selects with sends among their arms: each offers one value to four channels, and would receive from four.

use crate::cell::{Cells, Peer};
use crate::peers::{ReceiverOf, SenderOf, TryChannel};

mod flume_selector;
mod meeting;
mod peers;
mod ready;
mod tasks;

pub fn enter_all(cells: &mut Cells) {
    enter::<peers::MillstreamOneShot>(cells, "threads");
    // No other crate has such a select for tasks, so there millstream's stands beside the blocking ones.
    tasks::enter(cells, BESIDE_BLOCKING);
    for family in ["threads", BESIDE_BLOCKING] {
        enter::<peers::CrossbeamMacro>(cells, family);
        enter::<peers::CrossbeamReused>(cells, family);
        // It cannot take part in the meetings, where more than one of its sends would happen.
        ready::enter::<flume_selector::FlumeSelector>(cells, family);
    }
}

const BESIDE_BLOCKING: &str = "async-beside-blocking";

fn enter<S: Selecting>(cells: &mut Cells, family: &str) {
    ready::enter::<S>(cells, family);
    meeting::enter::<S>(cells, family);
}

/// How many sends a select has, and how many receives.
const WAYS: usize = 4;

/// A peer's way to select over four sends and four receives, on a thread.
trait Selecting: 'static {
    const PEER: Peer;
    /// The channels between which it selects.
    type Channel: TryChannel<Sender: Sync, Receiver: Sync>;

    /// Selects as long as there is a value to offer.
    fn drive(
        senders: &[SenderOf<Self::Channel>; WAYS],
        receivers: &[ReceiverOf<Self::Channel>; WAYS],
        course: &mut impl Course,
    );
}

/// What one who selects offers next, and what has come of it.
trait Course: Send {
    /// The value to offer, if the course is not over.
    fn offer(&self) -> Option<usize>;

    /// The value went to one of the four channels.
    fn sent(&mut self);

    /// A value came from one of the four channels, and the one on offer is still there.
    fn received(&mut self, value: usize);
}
