//! Topics hand their values out in a task of their own.

use millstream::hub::Topics;
use std::rc::Rc;

fn main() {
    let (_tx, rx) = millstream::bounded::<Rc<u32>>(1);
    let _ = Topics::new(rx, |value: &Rc<u32>| **value);
}
