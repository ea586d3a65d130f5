//! The list belongs to the receive until that is over.

fn main() {
    let (_tx, rx) = millstream::bounded::<u32>(1);
    let mut batch = Vec::new();
    let many = rx.recv_many(&mut batch, 2);
    let _ = batch.len();
    let _ = millstream::block_on(many);
}
