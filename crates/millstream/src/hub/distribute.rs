//! Each value to whichever output is free.

use crate::channel::{Receiver, Sender};
use crate::runtime::Turn;
use crate::select::Select;

/// Gives each value of a channel to whichever output has room for it first (aiochan's `distribute`).
///
/// Among outputs that are free the choice is random. An output that nobody receives from any more is left out. A value is
/// taken from the input only when there is a place for it, so nothing is lost when an output closes: with the last one gone
/// the value is still at the head of the input. The outputs are let go of at the end, which closes those that have no other
/// sender.
///
/// # Errors
///
/// The input, if all outputs are gone before it has ended.
///
/// # Cancel safety
///
/// Cancel safe: no value is in the future.
///
/// # Examples
///
/// ```
/// use millstream::hub::distribute;
///
/// # millstream::block_on(async {
/// let (one, from_one) = millstream::bounded(2);
/// let (two, from_two) = millstream::bounded(2);
/// assert!(distribute(millstream::from_iter(0..4), [one, two]).await.is_ok());
/// let mut all: Vec<_> = from_one.drain().chain(from_two.drain()).collect();
/// all.sort_unstable();
/// assert_eq!(all, [0, 1, 2, 3]);
/// # });
/// ```
pub async fn distribute<T>(
    input: Receiver<T>,
    outputs: impl IntoIterator<Item = Sender<T>>,
) -> Result<(), Receiver<T>> {
    let mut outputs: Vec<Sender<T>> = outputs.into_iter().collect();
    let mut turn = Turn::new();
    'values: loop {
        turn.taken().await;
        let Ok(mut claim) = input.claim().await else {
            return Ok(());
        };
        loop {
            if outputs.is_empty() {
                drop(claim);
                return Err(input);
            }
            let reservations = outputs.iter().map(Sender::reserve);
            let select = Select::new().each(reservations, |number, permit| (number, permit));
            let (number, unplaced) = match select.await {
                // If the output's receiver went between the permit and the value, that is where it was.
                (number, Ok(permit)) => (number, claim.send_to(permit).err()),
                (number, Err(_)) => (number, Some(claim)),
            };
            match unplaced {
                Some(back) => claim = back,
                None => continue 'values,
            }
            outputs.remove(number);
        }
    }
}
