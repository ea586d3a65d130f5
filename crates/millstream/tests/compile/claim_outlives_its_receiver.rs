//! A claim borrows its receiver, so the last receiver cannot go under it.

fn main() {
    let (_tx, rx) = millstream::bounded::<u32>(1);
    let claim = millstream::block_on(rx.claim()).unwrap();
    drop(rx);
    let _ = claim.take();
}
