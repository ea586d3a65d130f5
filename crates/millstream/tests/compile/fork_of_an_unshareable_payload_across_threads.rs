//! The branches of a fork look at the same item, so across threads it must be shareable.

use millstream::prelude::*;
use std::cell::Cell;

fn main() {
    let (_tx, rx) = millstream::bounded::<Cell<u32>>(1);
    let branch = rx.fork(1);
    std::thread::spawn(move || drop(branch));
}
