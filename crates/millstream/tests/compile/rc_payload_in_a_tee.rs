//! A tee hands its values out in a task of its own.

use millstream::hub::Tee;
use std::rc::Rc;

fn main() {
    let (_tx, rx) = millstream::bounded::<Rc<u32>>(1);
    let _ = Tee::new(rx);
}
