//! What arrived, by count and sum, so that a lost or doubled value is noticed.

/// How many values arrived and what they add up to.
///
/// Every run sends the numbers `0..messages`, split among its producers, so that both are known beforehand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    count: usize,
    sum: usize,
}

impl Tally {
    /// What a run that loses and doubles nothing ends with.
    pub fn expected(messages: usize) -> Self {
        Tally {
            count: messages,
            sum: (0..messages).sum(),
        }
    }

    pub fn add(&mut self, value: usize) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(value);
    }

    pub fn merge(&mut self, other: Tally) {
        self.count += other.count;
        self.sum = self.sum.wrapping_add(other.sum);
    }

    pub fn count(self) -> usize {
        self.count
    }

    pub fn sum(self) -> usize {
        self.sum
    }
}
