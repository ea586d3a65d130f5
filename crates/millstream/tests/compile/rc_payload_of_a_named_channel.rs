//! A named channel can be looked at from every thread, so its payload must be sendable.

use std::rc::Rc;

fn main() {
    let _ = millstream::named("local").bounded::<Rc<u32>>(1);
}
