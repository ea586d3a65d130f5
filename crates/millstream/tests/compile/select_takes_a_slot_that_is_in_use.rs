//! The slot of a `send_from` belongs to the select until that is over.

use millstream::Select;

fn main() {
    let (tx, _rx) = millstream::bounded::<u32>(1);
    let mut slot = Some(1);
    let select = Select::new().send_from(&tx, &mut slot, drop);
    slot = Some(2);
    millstream::block_on(select);
    let _ = slot;
}
