//! Several channels of one peer, and several handles of one channel, for the cells that ask for them.

use crate::peers::{Channel, ReceiverOf, SenderOf};

/// Senders and receivers, of one channel or of several.
pub type Ends<C, T = usize> = (Vec<SenderOf<C, T>>, Vec<ReceiverOf<C, T>>);

/// Makes `count` channels of one capacity.
pub fn several<C: Channel>(count: usize, capacity: usize) -> Ends<C> {
    let channel = || C::new(Some(capacity)).expect("the peer has channels of this capacity");
    (0..count).map(|_| channel()).unzip()
}

/// The same where their number is known.
pub fn array<C: Channel, const COUNT: usize>(
    capacity: usize,
) -> ([SenderOf<C>; COUNT], [ReceiverOf<C>; COUNT]) {
    let (senders, receivers) = several::<C>(COUNT, capacity);
    let complete = "as many as were made";
    (
        senders.try_into().ok().expect(complete),
        receivers.try_into().ok().expect(complete),
    )
}
