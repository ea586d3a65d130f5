//! A send that is not over keeps its sender where it is.

fn main() {
    let (tx, _rx) = millstream::bounded::<u32>(1);
    let send = tx.send(1);
    drop(tx);
    let _ = millstream::block_on(send);
}
