//! A stage on threads takes its values to other threads.

use std::rc::Rc;

fn main() {
    let (_tx, rx) = millstream::bounded::<Rc<u32>>(1);
    let _ = millstream::pipe::threads(2).map(rx, |value| *value);
}
