//! A channel over an iterator may outlive the function that made it.

fn channel() -> millstream::Receiver<u32> {
    let numbers = vec![1, 2, 3];
    millstream::from_iter(numbers.iter().copied())
}

fn main() {
    let _ = channel();
}
