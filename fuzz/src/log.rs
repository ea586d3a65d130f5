//! What became of the values, as those who sent and received them saw it.

use crate::value::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// How a value was offered, which says what it is ordered with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Offered {
    /// It stood in line, or would have.
    InLine,
    /// Its place was kept before it was there, so that it may pass values that stand in line.
    Through,
}

/// The diary of one channel.
#[derive(Default)]
pub struct Diary {
    pub sent: Vec<u32>,
    pub refused: Vec<u32>,
    pub got: Vec<u32>,
    /// The last one that was received, of those that stood in line and of those that did not.
    last: [Option<u32>; 2],
    offered: HashMap<u32, Offered>,
    /// Whether somebody took a value out and may have put it back, after which the order says nothing.
    mixed: bool,
}

/// The diaries of all channels; shared by the operations under way.
#[derive(Clone)]
pub struct Log {
    channels: Rc<RefCell<Vec<Diary>>>,
    ordered: Rc<[bool]>,
}

impl Log {
    pub fn new(ordered: Vec<bool>) -> Self {
        let channels = ordered.iter().map(|_| Diary::default()).collect();
        Log {
            channels: Rc::new(RefCell::new(channels)),
            ordered: ordered.into(),
        }
    }

    pub fn read<R>(&self, channel: usize, reader: impl FnOnce(&mut Diary) -> R) -> R {
        reader(&mut self.channels.borrow_mut()[channel])
    }

    /// From here on the order of this channel says nothing.
    pub fn mixes(&self, channel: usize) {
        self.read(channel, |diary| diary.mixed = true);
    }

    /// A value begins to be offered.
    pub fn offers(&self, channel: usize, number: u32, offered: Offered) {
        self.read(channel, |diary| diary.offered.insert(number, offered));
    }

    /// What became of it; one that was not sent comes back itself.
    pub fn ends(&self, channel: usize, number: u32, result: Result<(), Value>) {
        self.read(channel, |diary| match result {
            Ok(()) => diary.sent.push(number),
            Err(back) => {
                assert_eq!(back.number, number, "another value comes back");
                diary.refused.push(number);
            }
        });
    }

    /// A value was received.
    pub fn gets(&self, channel: usize, value: Value) {
        let ordered = self.ordered[channel];
        self.read(channel, |diary| {
            let number = value.number;
            diary.got.push(number);
            // What an iterator gives was offered by nobody.
            let offered = diary
                .offered
                .get(&number)
                .copied()
                .unwrap_or(Offered::InLine);
            let last = &mut diary.last[usize::from(offered == Offered::Through)];
            if ordered && !diary.mixed {
                assert!(*last < Some(number), "{number} comes after {last:?}");
            }
            *last = Some(number);
        });
    }
}
