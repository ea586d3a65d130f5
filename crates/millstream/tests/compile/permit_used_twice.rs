//! A permit is the right to send one value.

fn main() {
    let (tx, _rx) = millstream::bounded::<u32>(1);
    let permit = tx.try_reserve().unwrap();
    let _ = permit.send(1);
    let _ = permit.send(2);
}
