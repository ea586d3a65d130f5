//! A named channel can be looked at as long as it lives, so its payload borrows nothing.

fn main() {
    let text = String::from("short");
    let (tx, _rx) = millstream::named("borrowed").bounded::<&str>(1);
    let _ = tx.try_send(text.as_str());
}
