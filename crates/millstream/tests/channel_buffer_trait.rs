//! What a buffer of the user's own gets from the trait without writing it.

use millstream::Buffer;

/// As many units as were pushed.
struct Units(usize);

impl Buffer<()> for Units {
    fn len(&self) -> usize {
        self.0
    }

    fn is_full(&self) -> bool {
        false
    }

    fn push(&mut self, (): ()) -> Option<()> {
        self.0 += 1;
        None
    }

    fn pop(&mut self) -> Option<()> {
        self.0 = self.0.checked_sub(1)?;
        Some(())
    }
}

#[test]
fn it_is_empty_when_its_length_is_zero_and_has_no_capacity_unless_it_says_so() {
    let mut units = Units(0);
    assert!(units.is_empty());
    assert!(units.push(()).is_none());
    assert!(!units.is_empty());
    assert_eq!(units.capacity(), None);
    let (tx, rx) = millstream::with_buffer(units);
    assert_eq!((tx.capacity(), rx.try_recv()), (None, Ok(())));
}
