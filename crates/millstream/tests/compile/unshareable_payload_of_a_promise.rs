//! The value of a promise is cloned by many threads at once, so it must be shareable.

use std::cell::Cell;

fn main() {
    let _ = millstream::promise::<Cell<u32>>();
}
