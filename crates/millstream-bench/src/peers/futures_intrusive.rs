//! futures-intrusive: many producers, many consumers, bounded or rendezvous, for tasks only.

use futures_intrusive::channel::shared::{self, Receiver, Sender};

use super::define::{channel, tasks, tries};
use crate::cell::{Cells, Peer};
use crate::cells;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<FuturesIntrusive>(cells);
    cells::enter_async_shared::<FuturesIntrusive>(cells);
}

channel!(
    FuturesIntrusive,
    Peer::sound("futures-intrusive"),
    Sender<T>,
    Receiver<T>,
    |capacity| match capacity {
        Some(0) => Some(shared::unbuffered_channel()),
        Some(n) => Some(shared::channel(n)),
        None => None,
    }
);
tasks!(FuturesIntrusive, send, receive);
tries!(FuturesIntrusive, try_send, try_receive);
