//! The memory of selects: what an arm leaves in a channel when it loses, looks in vain or is dropped, is nothing.

mod common;

use common::buffer::Plan;
use common::Bell;
use millstream::EitherArm;
use millstream::{RecvFuture, Select, SendFuture};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts what this thread has allocated and not given back.
struct Counting;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
}

fn count(change: impl FnOnce(usize) -> usize) {
    // A thread that is ending has lost its count.
    let _ = LIVE.try_with(|live| live.set(change(live.get())));
}

// SAFETY: the system's allocator does the work; the count is a number of this thread's that allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(|live| live.wrapping_add(layout.size()));
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(|live| live.wrapping_sub(layout.size()));
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Wants every round after the first few, which make room, to give back what it took.
fn takes_no_memory(what: &str, mut round: impl FnMut()) {
    (0..16).for_each(|_| round());
    let before = LIVE.get();
    (0..256).for_each(|_| round());
    assert_eq!(LIVE.get().wrapping_sub(before) as isize, 0, "{what}");
}

type Either<'a> = EitherArm<RecvFuture<'a, u32>, SendFuture<'a, u32>>;

/// Runs this with an arm of each kind that waits on the channel.
macro_rules! for_every_arm {
    ($tx:ident, $rx:ident, $arm:ident => $body:expr) => {
        for_every_arm!(@each $arm $body; $rx.recv(), $rx.claim(), $tx.closed(), $rx.drained(), Some($rx.recv()),
            Either::Left($rx.recv()));
        // What sends and reserves waits while there is no place.
        $tx.try_send(0).unwrap();
        for_every_arm!(@each $arm $body; $tx.send(1), $tx.reserve());
    };
    (@each $arm:ident $body:expr; $($operation:expr),*) => {
        $(takes_no_memory(stringify!($operation), || {
            let $arm = $operation;
            $body
        });)*
    };
}

#[test]
fn a_select_that_is_dropped_leaves_no_memory() {
    let (tx, rx) = millstream::bounded(1);
    for_every_arm!(tx, rx, arm => {
        let mut select = Select::new().arm(arm, drop);
        Bell::new().waits(&mut select);
    });
}

#[test]
fn an_arm_that_loses_leaves_no_memory() {
    let (tx, rx) = millstream::bounded(1);
    let winner = millstream::bounded(1);
    for_every_arm!(tx, rx, arm => {
        let mut select = Select::new()
            .recv(&winner.1, |value| assert_eq!(value, Ok(7)))
            .arm(arm, |_| unreachable!("it is not its turn"));
        let bell = Bell::new();
        bell.waits(&mut select);
        winner.0.try_send(7).unwrap();
        bell.gets(&mut select);
    });
}

#[test]
fn a_select_that_looks_in_vain_leaves_no_memory() {
    let (tx, rx) = millstream::bounded(1);
    let (sender, receiver) = Plan::new().channel(1);
    for_every_arm!(tx, rx, arm => {
        let mut select = Select::new()
            .recv(&receiver, |_| unreachable!("others are quicker"))
            .arm(arm, |_| unreachable!("it is not its turn"));
        let bell = Bell::new();
        for _ in 0..3 {
            bell.waits(&mut select);
            sender.try_send(7).unwrap();
            assert_eq!((bell.rings(), receiver.try_recv()), (1, Ok(7)));
        }
        bell.waits(&mut select);
    });
}
