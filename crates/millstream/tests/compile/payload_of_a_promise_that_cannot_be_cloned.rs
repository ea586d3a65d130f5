//! Everybody gets the value of a promise, so it must be one that can be cloned.

struct Once;

fn main() {
    let _ = millstream::promise::<Once>();
}
