//! Histories that refuted the engine with a fault in it, shrunk as they were found, each under the name of the fault.
//!
//! The engine as it is passes them. They stay because each is the shortest way to tell its fault, and a fault that comes
//! back is then told by its name.

use crate::compare::Run;
use crate::spec::{Policy, Wish};
use crate::step::AtOnce::{
    Drain, RecvBlocking, RecvLate, SendBlocking, SendLate, TryRecv, TryReserve, TrySend,
};
use crate::step::Call::{One, RecvMany, Select, SendMany, Sink, Stream};
use crate::step::Side::{Receiver, Sender};
use crate::step::Step::{
    AtOnce, Begin, Cancel, Close, DropHandle, Peek, Poll, Prepare, Upgrade, Use,
};
use crate::step::{Choice, Step};

fn replay(policies: &[Policy], steps: &[Step]) {
    Run::new(policies).history(steps);
}

const RENDEZVOUS: &[Policy] = &[Policy::Waits(0)];
const ONE: &[Policy] = &[Policy::Waits(1)];

#[test]
fn a_claim_takes_the_oldest() {
    let steps = [
        Begin(One(0, Wish::Recv)),
        Begin(One(0, Wish::Recv)),
        AtOnce(0, TrySend),
        AtOnce(0, SendBlocking),
        Poll(0),
        Poll(0),
    ];
    replay(RENDEZVOUS, &steps);
}

#[test]
fn a_matched_receive_that_is_dropped_leaves_its_value() {
    replay(
        ONE,
        &[
            Begin(One(0, Wish::Recv)),
            Begin(Sink(0)),
            Cancel(0),
            AtOnce(0, TryRecv),
        ],
    );
}

#[test]
fn a_matched_receive_that_is_dropped_passes_its_turn_on() {
    let steps = [
        Begin(One(0, Wish::Recv)),
        AtOnce(0, TrySend),
        Begin(Stream(0)),
        Cancel(0),
        Poll(0),
    ];
    replay(ONE, &steps);
}

#[test]
fn the_end_waits_for_a_claim() {
    let steps = [
        Begin(Sink(0)),
        Begin(One(0, Wish::Claim)),
        Close(0, Sender),
        AtOnce(0, TryRecv),
        Peek(0),
        AtOnce(0, TryRecv),
        Use(0),
        AtOnce(0, TryRecv),
    ];
    replay(ONE, &steps);
}

#[test]
fn the_end_waits_for_a_permit() {
    let steps = [
        Begin(RecvMany(0, 1)),
        Begin(One(0, Wish::Reserve)),
        Close(0, Sender),
        Use(1),
        Poll(0),
    ];
    replay(ONE, &steps);
}

#[test]
fn a_promise_is_made_once() {
    replay(
        &[Policy::Promise],
        &[Begin(SendMany(0, 2)), AtOnce(0, TryRecv)],
    );
}

#[test]
fn sliding_keeps_the_newest_and_what_is_claimed() {
    let steps = [
        Begin(SendMany(0, 2)),
        Begin(One(0, Wish::Claim)),
        Begin(SendMany(0, 3)),
        Use(0),
        AtOnce(0, Drain),
    ];
    replay(&[Policy::DropsOldest(2)], &steps);
}

#[test]
fn a_claimed_value_takes_up_no_place() {
    let steps = [
        AtOnce(0, TrySend),
        Begin(One(0, Wish::Claim)),
        AtOnce(0, SendBlocking),
        AtOnce(0, SendLate),
    ];
    replay(ONE, &steps);
}

#[test]
fn a_permit_that_is_dropped_passes_its_place_on() {
    let steps = [
        Begin(One(0, Wish::Reserve)),
        Begin(One(0, Wish::Send)),
        Cancel(0),
        Poll(0),
        AtOnce(0, TryRecv),
    ];
    replay(ONE, &steps);
}

#[test]
fn a_send_that_loses_gives_its_value_back() {
    let both = Choice {
        send: [None, Some(0)],
        send_from: Some(0),
        biased: true,
        ..Choice::default()
    };
    replay(
        RENDEZVOUS,
        &[Begin(Select(both)), AtOnce(0, RecvBlocking), Poll(0)],
    );
}

#[test]
fn a_select_wins_once() {
    let either = Choice {
        recv: [Some(0), None],
        send: [Some(1), None],
        ..Choice::default()
    };
    let steps = [
        Begin(Select(either)),
        AtOnce(0, TrySend),
        AtOnce(1, TryRecv),
        AtOnce(1, RecvLate),
        Poll(0),
    ];
    replay(&[Policy::Waits(0), Policy::Waits(0)], &steps);
}

#[test]
fn each_arm_that_receives_is_a_receiver_to_reserve_by() {
    let reserves = || Choice {
        reserve: [None, Some(0)],
        ..Choice::default()
    };
    let receives = Choice {
        recv: [None, Some(0)],
        claim: Some(0),
        ..Choice::default()
    };
    let steps = [
        Begin(Select(reserves())),
        Begin(Select(reserves())),
        Begin(Select(receives)),
    ];
    replay(RENDEZVOUS, &steps);
}

#[test]
fn closing_wakes_who_waits_for_it() {
    replay(
        ONE,
        &[Begin(One(0, Wish::Closed)), Close(0, Sender), Poll(0)],
    );
    let steps = [
        AtOnce(0, TrySend),
        Begin(One(0, Wish::Drained)),
        Close(0, Receiver),
        AtOnce(0, TryRecv),
        Poll(0),
    ];
    replay(ONE, &steps);
}

#[test]
fn a_weak_handle_brings_nobody_back() {
    replay(
        ONE,
        &[
            DropHandle(0, Sender),
            Upgrade(0, Sender),
            Upgrade(0, Receiver),
        ],
    );
}

#[test]
fn the_values_go_with_the_last_receiver() {
    replay(ONE, &[Begin(Sink(0)), DropHandle(0, Receiver)]);
}

#[test]
fn a_permit_of_a_rendezvous_needs_a_receiver_that_waits() {
    let steps = [
        AtOnce(0, TryReserve),
        Begin(One(0, Wish::Recv)),
        AtOnce(0, TryReserve),
        Poll(0),
    ];
    replay(RENDEZVOUS, &steps);
}

#[test]
fn a_batch_takes_as_many_as_it_may() {
    let items = &[Policy::Iterator];
    replay(
        items,
        &[
            Prepare(RecvMany(0, 1)),
            Poll(0),
            Begin(RecvMany(0, 2)),
            AtOnce(0, Drain),
        ],
    );
}

#[test]
fn a_buffer_that_is_left_by_its_last_receiver_has_no_places() {
    replay(
        &[Policy::Custom(1)],
        &[DropHandle(0, Receiver), AtOnce(0, TrySend)],
    );
}

#[test]
fn room_in_a_buffer_of_ones_own_is_told_to_whoever_waits_for_it() {
    let steps = [
        AtOnce(0, TrySend),
        Begin(One(0, Wish::Reserve)),
        Begin(One(0, Wish::Send)),
        AtOnce(0, TryRecv),
        Poll(0),
        Cancel(0),
        Poll(0),
    ];
    replay(&[Policy::Custom(1)], &steps);
}

#[test]
fn a_send_that_waits_beyond_the_close_is_let_into_a_buffer_of_ones_own() {
    let steps = [
        AtOnce(0, TrySend),
        Begin(One(0, Wish::Send)),
        Begin(One(0, Wish::Reserve)),
        Close(0, Receiver),
        AtOnce(0, TryRecv),
        Poll(0),
        AtOnce(0, TryRecv),
        Use(0),
        AtOnce(0, TryRecv),
        Poll(0),
        Use(0),
        AtOnce(0, Drain),
        AtOnce(0, TryRecv),
    ];
    replay(&[Policy::Custom(1)], &steps);
}
