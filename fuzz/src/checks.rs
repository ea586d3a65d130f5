//! What must hold after every step, when everybody who was woken has been polled, and in the end.

use crate::program::Operation;
use crate::run::Run;
use crate::task::Side;
use crate::Policy;
use millstream::{ChannelState, TryRecvError};
use std::collections::HashSet;

impl Run {
    /// A channel holds no more than its capacity, what its receivers are committed to, and what those who left were.
    pub(crate) fn check_bounds(&mut self) {
        for (number, channel) in self.channels.iter_mut().enumerate() {
            let Some(rx) = channel.receivers.first() else {
                continue;
            };
            let (len, capacity) = (rx.len(), channel.policy.capacity());
            let concerned: usize = self.tasks.iter().map(|task| task.concerns(number)).sum();
            // As long as a permit is out, its value may yet come for a receiver that has left.
            if len <= capacity && concerned == 0 {
                channel.left_behind = 0;
            }
            let most = capacity.saturating_add(concerned + channel.left_behind);
            assert!(len <= most, "{len} values where {most} have room");
        }
    }

    /// Everybody who was woken has been polled: whoever still waits must have reason to.
    pub(crate) fn check_that_nobody_waits_in_vain(&self) {
        for (number, channel) in self.channels.iter().enumerate() {
            let waiting = |side| -> Vec<usize> {
                let tasks = self.tasks.iter().enumerate();
                let standing = tasks.filter(|(_, task)| task.waits_for().contains(&(number, side)));
                standing.map(|(task, _)| task).collect()
            };
            let [senders, reservers, receivers] =
                [Side::Sending, Side::Reserving, Side::Receiving].map(waiting);
            let Some(rx) = channel.weak.upgrade() else {
                let nobody = senders.is_empty() && reservers.is_empty();
                assert!(nobody, "a sender waits, and every receiver is gone");
                continue;
            };
            // One and the same select may stand on both sides, and does not meet itself.
            let offers = |receiver| senders.contains(receiver) || reservers.contains(receiver);
            if receivers.iter().any(|receiver| !offers(receiver)) {
                assert!(rx.is_empty(), "a receiver waits, and there is a value");
            }
            if senders.iter().any(|sender| !receivers.contains(sender)) {
                // Those that stood in line before the close are still good, and a closed channel is not full.
                let room = !rx.is_full() && !rx.is_closed();
                assert!(!room, "a sender waits, and there is room");
            }
            if reservers
                .iter()
                .any(|reserver| !receivers.contains(reserver))
            {
                let place = channel.senders.first().map(|tx| tx.try_reserve().is_ok());
                assert_ne!(
                    place,
                    Some(true),
                    "a reservation waits, and there is a place"
                );
            }
            let strangers = senders
                .iter()
                .any(|sender| receivers.iter().any(|receiver| receiver != sender));
            // Over a buffer of the user's own, a permit that is out holds up every other send.
            let may_meet = !matches!(channel.policy, Policy::Custom(_));
            assert!(
                !(strangers && may_meet),
                "a sender and a receiver wait for each other"
            );
        }
    }

    /// Closes everything, lets everybody come to an end, takes what is left, and counts.
    pub(crate) fn finish(&mut self) {
        for channel in &mut self.channels {
            if let Some(rx) = channel.weak.upgrade() {
                rx.close();
                // From here on there is a receiver to the end, if there is one now.
                channel.receivers.push(rx);
            }
        }
        let rounds = self.desk.mint.made() + 2 * self.tasks.len() + 64;
        for _ in 0..rounds {
            // Receivers that wait, as a reservation needs one where nothing is kept.
            for channel in 0..self.channels.len() {
                self.start(channel as u8, Operation::Recv);
            }
            for task in &mut self.tasks {
                task.go_on();
            }
            for _ in 0..2 {
                for number in (0..self.tasks.len()).rev() {
                    self.poll(number);
                }
            }
            if self.tasks.is_empty() {
                break;
            }
        }
        assert!(
            self.tasks.is_empty(),
            "{} operations wait for ever",
            self.tasks.len()
        );
        for number in 0..self.channels.len() {
            // A promise would give its value for ever.
            while self.channels[number].policy.gives_once() && self.try_recv(number).is_none() {}
            self.check_end(number);
        }
    }

    fn check_end(&mut self, number: usize) {
        let channel = &self.channels[number];
        let policy = channel.policy;
        let receiver = channel.receivers.first();
        if let Some(rx) = receiver {
            assert_eq!(
                rx.stats().state,
                ChannelState::Fluent,
                "somebody is left in line"
            );
            if policy.gives_once() {
                assert_eq!(rx.try_recv().err(), Some(TryRecvError::Closed));
            }
        }
        let received_all = receiver.is_some() && policy.keeps_all();
        self.desk.log.read(number, |diary| {
            let got: HashSet<_> = diary.got.iter().copied().collect();
            assert!(
                got.len() == diary.got.len() || !policy.gives_once(),
                "a value came twice"
            );
            for value in &diary.refused {
                assert!(!got.contains(value), "{value} was refused, and came");
            }
            for value in diary.sent.iter().filter(|_| received_all) {
                assert!(got.contains(value), "{value} was sent, and is lost");
            }
        });
    }
}
