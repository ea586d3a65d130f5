//! A permit borrows its sender, so the channel cannot be closed under it by dropping that.

fn main() {
    let (tx, _rx) = millstream::bounded::<u32>(1);
    let permit = tx.try_reserve().unwrap();
    drop(tx);
    let _ = permit.send(1);
}
