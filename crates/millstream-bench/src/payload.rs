//! What is sent: numbers, bare or in blocks of bytes, so that whatever the size, count and sum can be checked.

/// A value that carries a number.
pub trait Payload: Clone + Send + Sync + Unpin + 'static {
    fn numbered(number: usize) -> Self;

    fn number(&self) -> usize;
}

impl Payload for usize {
    #[inline(always)]
    fn numbered(number: usize) -> Self {
        number
    }

    #[inline(always)]
    fn number(&self) -> usize {
        *self
    }
}

/// A block of bytes with the number in the first eight, moved as a whole like any value of its size.
#[derive(Clone)]
pub struct Block<const BYTES: usize>([u8; BYTES]);

impl<const BYTES: usize> Payload for Block<BYTES> {
    #[inline(always)]
    fn numbered(number: usize) -> Self {
        let mut bytes = [0; BYTES];
        bytes[..8].copy_from_slice(&(number as u64).to_ne_bytes());
        Block(bytes)
    }

    #[inline(always)]
    fn number(&self) -> usize {
        let mut number = [0; 8];
        number.copy_from_slice(&self.0[..8]);
        u64::from_ne_bytes(number) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_as_large_as_it_says_and_keeps_its_number() {
        assert_eq!(size_of::<Block<64>>(), 64);
        assert_eq!(size_of::<Block<1024>>(), 1024);
        for number in [0, 1, 255, 256, 1 << 40] {
            assert_eq!(Block::<64>::numbered(number).number(), number);
            assert_eq!(usize::numbered(number).number(), number);
        }
    }
}
