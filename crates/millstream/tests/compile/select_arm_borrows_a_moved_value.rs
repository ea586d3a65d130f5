//! A value belongs to one arm: the other cannot look at it.

use millstream::select;

fn main() {
    let (tx, _rx) = millstream::bounded::<String>(1);
    let (_stop, stopped) = millstream::bounded::<()>(1);
    let value = String::from("one");
    millstream::block_on(async {
        select! {
            sent = tx.send(value) => drop(sent),
            _ = stopped.recv() => drop(value.len()),
        }
    });
}
