//! A payload that must stay on its thread takes its channel's handles with it.

use std::rc::Rc;

fn main() {
    let (tx, _rx) = millstream::bounded::<Rc<u32>>(1);
    std::thread::spawn(move || {
        let _ = tx.try_send(Rc::new(1));
    });
}
