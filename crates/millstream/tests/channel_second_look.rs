//! What happens between a first look at a channel and standing in line: everybody looks again, and misses nothing.
//!
//! The waker is cloned between the two, so that its clone is where another thread would come in.

mod common;

use common::buffer::Plan;
use common::{ignore, Bell, Hook, Hooks};
use millstream::{ChannelState, Receiver, RecvError, Select, SelectSet, SendError, Sender};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

type Channel = (Sender<u32>, Receiver<u32>);

/// Polls once, and does this when the waker is cloned.
fn poll_with_deed<F: Future + Unpin>(future: &mut F, deed: Hook) -> Poll<F::Output> {
    let (waker, hooks) = Hooks::on_clone(deed).waker();
    hooks.arm();
    let polled = Pin::new(future).poll(&mut Context::from_waker(&waker));
    hooks.disarm();
    assert!(hooks.runs() > 0, "the waker was cloned on the way");
    polled
}

/// Does this to the channel, whose handles it owns weakly, so that it keeps neither end open.
fn deed_on((tx, rx): &Channel, deed: fn(&Sender<u32>, &Receiver<u32>)) -> Hook {
    let (tx, rx) = (tx.downgrade(), rx.downgrade());
    Box::new(move || {
        if let (Some(tx), Some(rx)) = (tx.upgrade(), rx.upgrade()) {
            deed(&tx, &rx);
        }
    })
}

fn channels() -> [Channel; 2] {
    [millstream::bounded(1), Plan::new().channel(1)]
}

#[test]
fn a_receive_gets_the_value_that_comes_in_between() {
    for channel in channels() {
        let deed = deed_on(&channel, |tx, _| ignore(tx.try_send(7)));
        let mut recv = channel.1.recv();
        assert_eq!(poll_with_deed(&mut recv, deed), Poll::Ready(Ok(7)));
        drop(recv);
        common::assert_no_trace(&channel, 0);
    }
}

#[test]
fn a_send_gets_the_place_that_comes_in_between() {
    for channel in channels() {
        channel.0.try_send(1).unwrap();
        let deed = deed_on(&channel, |_, rx| ignore(rx.try_recv()));
        let mut send = channel.0.send(2);
        assert_eq!(poll_with_deed(&mut send, deed), Poll::Ready(Ok(())));
        // It has ended, and must not be in line, dropped or not.
        assert_eq!(channel.0.stats().state, ChannelState::Fluent);
        drop(send);
        common::assert_no_trace(&channel, 1);
        assert_eq!(channel.1.try_recv(), Ok(2));
    }
}

#[test]
fn a_reservation_gets_the_place_that_comes_in_between() {
    for channel in channels() {
        channel.0.try_send(1).unwrap();
        let deed = deed_on(&channel, |_, rx| ignore(rx.try_recv()));
        let mut reserve = channel.0.reserve();
        let Poll::Ready(Ok(permit)) = poll_with_deed(&mut reserve, deed) else {
            panic!("there is a place");
        };
        assert_eq!(channel.0.stats().state, ChannelState::Fluent);
        permit.send(2).unwrap();
        assert_eq!(channel.1.try_recv(), Ok(2));
    }
}

#[test]
fn an_end_that_comes_in_between_is_told() {
    for channel in channels() {
        let deed = deed_on(&channel, |tx, _| ignore(tx.close()));
        let told = poll_with_deed(&mut channel.1.recv(), deed);
        assert_eq!(told, Poll::Ready(Err(RecvError)));
        common::assert_no_trace(&channel, 0);
    }
    for channel in channels() {
        channel.0.try_send(1).unwrap();
        let deed = deed_on(&channel, |tx, _| ignore(tx.close()));
        let told = poll_with_deed(&mut channel.0.send(2), deed);
        assert_eq!(told, Poll::Ready(Err(SendError(2))));
        common::assert_no_trace(&channel, 1);
    }
}

#[test]
fn a_value_that_comes_in_between_is_received_by_a_select() {
    for channel in channels() {
        let quiet = millstream::bounded::<u32>(1);
        let deed = deed_on(&channel, |tx, _| ignore(tx.try_send(7)));
        let mut select = Select::new()
            .recv(&quiet.1, |_| None)
            .recv(&channel.1, |value| value.ok());
        assert_eq!(poll_with_deed(&mut select, deed), Poll::Ready(Some(7)));
        drop(select);
        common::assert_no_trace(&channel, 0);
        common::assert_no_trace(&quiet, 0);
    }
}

#[test]
fn a_place_that_comes_in_between_is_used_by_a_select() {
    for channel in channels() {
        channel.0.try_send(1).unwrap();
        let quiet = millstream::bounded::<u32>(1);
        let deed = deed_on(&channel, |_, rx| ignore(rx.try_recv()));
        let mut slot = Some(2);
        let mut select =
            Select::new()
                .recv(&quiet.1, |_| false)
                .send_from(&channel.0, &mut slot, |sent| sent.is_ok());
        assert_eq!(poll_with_deed(&mut select, deed), Poll::Ready(true));
        drop(select);
        assert_eq!(slot, None);
        common::assert_no_trace(&channel, 1);
        assert_eq!(channel.1.try_recv(), Ok(2));
    }
}

#[test]
fn an_end_that_comes_in_between_is_told_to_a_select_that_receives() {
    for channel in channels() {
        let quiet = millstream::bounded::<u32>(1);
        let deed = deed_on(&channel, |tx, _| ignore(tx.close()));
        let mut select = Select::new().recv(&quiet.1, |_| "the quiet one").recv(
            &channel.1,
            |value| match value {
                Ok(_) => "a value",
                Err(_) => "the end",
            },
        );
        assert_eq!(poll_with_deed(&mut select, deed), Poll::Ready("the end"));
        drop(select);
        common::assert_no_trace(&quiet, 0);
    }
}

#[test]
fn an_end_that_comes_in_between_gives_a_select_its_value_back() {
    for channel in channels() {
        channel.0.try_send(1).unwrap();
        let quiet = millstream::bounded::<u32>(1);
        let deed = deed_on(&channel, |tx, _| ignore(tx.close()));
        let mut select = Select::new()
            .recv(&quiet.1, |_| None)
            .send(&channel.0, 2, |sent| sent.err().map(|error| error.0));
        assert_eq!(poll_with_deed(&mut select, deed), Poll::Ready(Some(2)));
        drop(select);
        common::assert_no_trace(&quiet, 0);
        assert_eq!(channel.1.try_recv(), Ok(1));
    }
}

#[test]
fn a_place_that_comes_in_between_is_reserved_by_a_select() {
    for channel in channels() {
        channel.0.try_send(1).unwrap();
        let quiet = millstream::bounded::<u32>(1);
        let deed = deed_on(&channel, |_, rx| ignore(rx.try_recv()));
        let mut select = Select::new()
            .recv(&quiet.1, |_| None)
            .reserve(&channel.0, |permit| permit.ok());
        let Poll::Ready(Some(permit)) = poll_with_deed(&mut select, deed) else {
            panic!("there is a place");
        };
        drop(select);
        permit.send(3).unwrap();
        assert_eq!(channel.1.try_recv(), Ok(3));
        common::assert_no_trace(&channel, 0);
    }
}

#[test]
fn of_two_that_come_in_between_one_is_taken() {
    let channels = [millstream::bounded(1), millstream::bounded(1)];
    let deeds = channels
        .each_ref()
        .map(|channel| deed_on(channel, |tx, _| ignore(tx.try_send(7))));
    let deed: Hook = Box::new(move || deeds.iter().for_each(|deed| deed()));
    let mut select = Select::new()
        .recv(&channels[0].1, |value| value.ok())
        .recv(&channels[1].1, |value| value.ok());
    assert_eq!(poll_with_deed(&mut select, deed), Poll::Ready(Some(7)));
    drop(select);
    assert_eq!(channels[0].1.len() + channels[1].1.len(), 1);
}

#[test]
fn a_set_takes_what_comes_in_between() {
    for channel in channels() {
        let deed = deed_on(&channel, |tx, _| ignore(tx.try_send(7)));
        let mut set = SelectSet::new();
        set.recv(channel.1.clone(), |value| value.ok());
        assert_eq!(
            poll_with_deed(&mut set.next(), deed),
            Poll::Ready(Some(Some(7)))
        );
        let bell = Bell::new();
        let mut next = set.next();
        bell.waits(&mut next);
        channel.0.try_send(8).unwrap();
        assert!(bell.rings() > 0);
        assert_eq!(bell.gets(&mut next), Some(Some(8)));
    }
}
