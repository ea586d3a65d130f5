//! A claim is the right to take one value.

fn main() {
    let (_tx, rx) = millstream::bounded::<u32>(1);
    let claim = millstream::block_on(rx.claim()).unwrap();
    let _ = (claim.take(), claim.take());
}
