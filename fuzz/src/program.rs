//! The input of a fuzz target: steps, decoded from bytes.

use crate::Policy;
use arbitrary::Arbitrary;

/// What a target runs.
#[derive(Arbitrary, Debug)]
pub struct Program {
    size: u8,
    pub steps: Vec<Step>,
}

impl Program {
    /// A capacity at which every case is met soon: nothing, one, a few.
    pub fn small(&self) -> usize {
        usize::from(self.size % 4)
    }

    /// How many values there are to draw.
    pub fn count(&self) -> usize {
        usize::from(self.size % 16)
    }

    /// Three of these policies.
    pub fn mixture(&self, policies: &[Policy]) -> Vec<Policy> {
        let size = usize::from(self.size);
        [size, size / 7, size / 49]
            .map(|n| policies[n % policies.len()])
            .to_vec()
    }
}

/// One thing that is done. A number stands for one of those that there are, modulo how many they are.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Step {
    /// Begins an operation, which waits to be polled.
    Start(u8, Operation),
    Poll(u8),
    /// Polls with another waker than before.
    PollAnew(u8),
    /// Drops an operation, wherever it is.
    Drop(u8),
    /// Lets an operation use the permit or the claim that it holds.
    GoOn(u8),
    TrySend(u8),
    TryRecv(u8),
    Drain(u8),
    CloseSender(u8),
    CloseReceiver(u8),
    CloneSender(u8),
    CloneReceiver(u8),
    DropSender(u8),
    DropReceiver(u8),
    /// Polls whoever was woken until nobody is, and sees that nobody waits who need not.
    Settle,
}

/// What can wait.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Operation {
    Send,
    Recv,
    SendMany {
        count: u8,
    },
    RecvMany {
        limit: u8,
    },
    /// Waits for a permit, holds it until it is told to go on, and then sends.
    Reserve,
    /// Waits for a claim, holds it until it is told to go on, and then takes; perhaps looks at the value before.
    Claim {
        peeks: bool,
    },
    Closed,
    Drained,
    /// Receives from two channels or sends to two, whichever comes first.
    Select {
        recv: [Option<u8>; 2],
        send: [Option<u8>; 2],
        biased: bool,
        default: bool,
    },
    /// Waits for a permit of one channel or for a claim on another.
    SelectRights {
        claim: u8,
        biased: bool,
    },
    /// A set that receives from one channel and sends to another, a few times.
    Set {
        recv: u8,
        send: u8,
        rounds: u8,
    },
}
