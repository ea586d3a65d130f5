//! A task may outlive the function that spawned it, so it owns what it uses.

fn main() {
    let (tx, _rx) = millstream::bounded::<u32>(1);
    millstream::runtime::spawn(async {
        let _ = tx.send(1).await;
    });
}
