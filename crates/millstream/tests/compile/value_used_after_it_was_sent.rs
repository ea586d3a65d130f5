//! What was sent is gone.

fn main() {
    let (tx, _rx) = millstream::bounded::<String>(1);
    let value = String::from("once");
    let _ = tx.try_send(value);
    let _ = value.len();
}
