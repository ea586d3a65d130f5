//! Hand-made histories: some that hold and, with one thing changed, some that do not.

use super::{is_linearizable, show, Entry, Next, Specification};
use std::collections::{BTreeMap, VecDeque};

/// A register, as in the literature.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Register(u32);

#[derive(Clone, Debug)]
enum Access {
    Write(u32),
    Read,
}

impl Specification for Register {
    type Call = Access;
    type Answer = u32;

    fn steps(&self, _id: usize, call: &Access) -> Vec<Next<Self, u32>> {
        let after = match call {
            Access::Write(value) => *value,
            Access::Read => self.0,
        };
        vec![Next {
            state: Register(after),
            answer: Some(after),
        }]
    }
}

/// A queue whose `take` waits, in the order of arrival.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Queue {
    values: VecDeque<u32>,
    waiting: VecDeque<usize>,
    served: BTreeMap<usize, u32>,
}

#[derive(Clone, Debug)]
enum Use {
    Put(u32),
    Take,
    TryTake,
}

impl Specification for Queue {
    type Call = Use;
    type Answer = Option<u32>;

    fn steps(&self, id: usize, call: &Use) -> Vec<Next<Self, Option<u32>>> {
        let mut state = self.clone();
        let answer = match call {
            Use::Put(value) => {
                match state.waiting.pop_front() {
                    Some(first) => {
                        state.served.insert(first, *value);
                    }
                    None => state.values.push_back(*value),
                }
                Some(None)
            }
            Use::TryTake => Some(state.values.pop_front()),
            Use::Take if state.waiting.contains(&id) => return Vec::new(),
            Use::Take => match state.served.remove(&id).or(state.values.pop_front()) {
                Some(value) => Some(Some(value)),
                None => {
                    state.waiting.push_back(id);
                    None
                }
            },
        };
        vec![Next { state, answer }]
    }
}

/// An operation that was called and answered at these times.
fn entry<C, A>(call: C, called: usize, answered: usize, answer: A) -> Entry<C, A> {
    Entry {
        process: 0,
        call,
        called,
        answered: Some((answered, answer)),
    }
}

fn register(history: &[Entry<Access, u32>]) -> bool {
    is_linearizable(&Register(0), history)
}

fn queue(history: &[Entry<Use, Option<u32>>]) -> bool {
    is_linearizable(&Queue::default(), history)
}

#[test]
fn an_empty_history_holds() {
    assert!(register(&[]));
}

#[test]
fn a_read_sees_the_last_write_before_it() {
    let history = |read| {
        [
            entry(Access::Write(1), 0, 1, 1),
            entry(Access::Read, 2, 3, read),
        ]
    };
    assert!(register(&history(1)));
    assert!(!register(&history(0)), "the write had answered");
}

#[test]
fn a_read_beside_a_write_sees_either() {
    let history = |read| {
        [
            entry(Access::Write(1), 0, 3, 1),
            entry(Access::Read, 1, 2, read),
        ]
    };
    assert!(register(&history(0)));
    assert!(register(&history(1)));
    assert!(!register(&history(2)), "nobody wrote it");
}

#[test]
fn two_reads_agree_on_the_order_of_two_writes() {
    let writes = [
        entry(Access::Write(1), 0, 9, 1),
        entry(Access::Write(2), 0, 9, 2),
    ];
    let reads = |reads: [u32; 3]| {
        let reads = reads.into_iter().enumerate();
        let reads = reads.map(|(turn, read)| entry(Access::Read, 2 * turn + 1, 2 * turn + 2, read));
        writes.iter().cloned().chain(reads).collect::<Vec<_>>()
    };
    assert!(register(&reads([0, 1, 2])));
    assert!(register(&reads([2, 2, 1])));
    assert!(!register(&reads([1, 2, 1])), "1 was written once");
    assert!(!register(&reads([1, 0, 2])), "0 was over");
}

#[test]
fn an_operation_without_an_answer_may_have_happened_or_not() {
    let unanswered = Entry {
        process: 0,
        call: Access::Write(1),
        called: 0,
        answered: None,
    };
    for read in [0, 1] {
        assert!(register(&[
            unanswered.clone(),
            entry(Access::Read, 1, 2, read)
        ]));
    }
    assert!(!register(&[
        unanswered,
        entry(Access::Read, 1, 2, 1),
        entry(Access::Read, 3, 4, 0),
    ]));
}

#[test]
fn a_queue_is_first_in_first_out() {
    let history = |first, second| {
        [
            entry(Use::Put(1), 0, 1, None),
            entry(Use::Put(2), 2, 3, None),
            entry(Use::TryTake, 4, 5, first),
            entry(Use::TryTake, 6, 7, second),
        ]
    };
    assert!(queue(&history(Some(1), Some(2))));
    assert!(!queue(&history(Some(2), Some(1))));
    assert!(!queue(&history(Some(1), None)), "2 is there");
    assert!(!queue(&history(Some(1), Some(1))), "1 is gone");
}

#[test]
fn who_waits_is_served_in_order_where_the_order_can_be_known() {
    // The first take has certainly joined the line before the second: a put that nobody could have seen otherwise
    // went to somebody, and the try found nothing after it.
    let takes = |first: u32, second: u32| {
        [
            entry(Use::Take, 0, 10, Some(first)),
            entry(Use::Put(1), 1, 2, None),
            entry(Use::TryTake, 3, 4, None),
            entry(Use::Take, 5, 11, Some(second)),
            entry(Use::Put(2), 6, 7, None),
        ]
    };
    assert!(queue(&takes(1, 2)));
    assert!(
        !queue(&takes(2, 1)),
        "1 was spoken for when the second came"
    );
}

#[test]
fn a_take_that_waits_needs_a_put() {
    assert!(!queue(&[entry(Use::Take, 0, 1, Some(1))]));
    assert!(!queue(&[
        entry(Use::Take, 0, 1, Some(1)),
        entry(Use::Put(1), 2, 3, None),
    ]));
    assert!(queue(&[
        entry(Use::Take, 0, 2, Some(1)),
        entry(Use::Put(1), 1, 3, None),
    ]));
}

#[test]
fn a_history_is_shown_in_the_order_of_its_calls() {
    let mut history = [
        entry(Access::Read, 2, 3, 1),
        entry(Access::Write(1), 0, 1, 1),
    ];
    history[0].answered = None;
    let shown = show(&history);
    let lines: Vec<_> = shown.lines().map(str::trim).collect();
    assert_eq!(lines[0], "0 to   1, process 0: Write(1) answers 1");
    assert_eq!(lines[1], "2 on, process 0: Read has not answered");
}
