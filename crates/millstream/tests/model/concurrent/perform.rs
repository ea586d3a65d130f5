//! What a process does to the real channels.

use super::call::{Call, Way};
use crate::spec::{Outcome, Value, Wish};
use millstream::{
    Claim, Permit, Receiver, RecvError, RecvTimeoutError, Select, SendError, SendTimeoutError,
    Sender, TryRecvError, TrySendError,
};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// The handles of one process: of each channel one of either side, until it gives them up.
pub struct Ends(pub Vec<Pair>);

/// The handles of one channel, or what is left of them.
type Pair = (Option<Sender<Value>>, Option<Receiver<Value>>);

/// How a process lets others run, and how often before it gives an operation up.
pub trait Patience {
    /// How often an operation is polled.
    fn polls(&mut self) -> usize;
    /// Lets others run.
    fn pass(&mut self);
}

/// What the winning arm of a select came by.
enum Picked<'a> {
    Outcome(Outcome),
    Permit(Permit<'a, Value>),
    Claim(Claim<'a, Value>),
    Default,
}

impl Ends {
    fn tx(&self, channel: usize) -> &Sender<Value> {
        self.0[channel].0.as_ref().expect("given up last")
    }

    fn rx(&self, channel: usize) -> &Receiver<Value> {
        self.0[channel].1.as_ref().expect("given up last")
    }

    pub fn perform(&mut self, call: &Call, patience: &mut impl Patience) -> Outcome {
        match call {
            Call::Send(channel, value, way) => {
                send_somehow(self.tx(*channel), *value, *way, patience)
            }
            Call::Recv(channel, way) => recv_somehow(self.rx(*channel), *way, patience),
            Call::Reserve(channel, value) => {
                match poll_a_while(self.tx(*channel).reserve(), patience) {
                    None => Outcome::GivenUp,
                    Some(Err(_)) => Outcome::Refused(None),
                    Some(Ok(permit)) => {
                        patience.pass();
                        match value {
                            Some(value) => sent(permit.send(*value)),
                            None => Outcome::Happened,
                        }
                    }
                }
            }
            Call::Claim(channel, takes) => {
                match poll_a_while(self.rx(*channel).claim(), patience) {
                    None => Outcome::GivenUp,
                    Some(Err(_)) => Outcome::Ended,
                    Some(Ok(claim)) => {
                        patience.pass();
                        match takes {
                            true => Outcome::Received(claim.take()),
                            false => Outcome::Happened,
                        }
                    }
                }
            }
            Call::RecvMany(channel, limit) => {
                let mut values = Vec::new();
                let rx = self.rx(*channel);
                match poll_a_while(rx.recv_many(&mut values, *limit), patience) {
                    None => Outcome::GivenUp,
                    Some(_) => Outcome::ReceivedMany(values),
                }
            }
            Call::Select(arms, default) => self.select(arms, *default, patience),
            Call::Close(channel) => {
                self.tx(*channel).close();
                Outcome::Happened
            }
            Call::DropHandle(channel, true) => {
                drop(self.0[*channel].0.take());
                Outcome::Happened
            }
            Call::DropHandle(channel, false) => {
                drop(self.0[*channel].1.take());
                Outcome::Happened
            }
        }
    }

    fn select(
        &self,
        arms: &[(usize, Wish, Option<Value>)],
        default: bool,
        patience: &mut impl Patience,
    ) -> Outcome {
        // Two arms, either of which is one of four kinds: those that it is not are off.
        let tx = |arm: usize, wish| (arms[arm].1 == wish).then(|| self.tx(arms[arm].0));
        let rx = |arm: usize, wish| (arms[arm].1 == wish).then(|| self.rx(arms[arm].0));
        let send = |arm: usize| {
            let value = arms[arm].2?;
            Some(tx(arm, Wish::Send)?.send(value))
        };
        fn permit<'a>(granted: Result<Permit<'a, Value>, SendError<()>>) -> Picked<'a> {
            match granted {
                Ok(permit) => Picked::Permit(permit),
                Err(_) => Picked::Outcome(Outcome::Refused(None)),
            }
        }
        fn claim<'a>(claimed: Result<Claim<'a, Value>, RecvError>) -> Picked<'a> {
            match claimed {
                Ok(claim) => Picked::Claim(claim),
                Err(_) => Picked::Outcome(Outcome::Ended),
            }
        }
        let select = Select::new()
            .arm(send(0), |done| (0, Picked::Outcome(sent(done))))
            .arm(send(1), |done| (1, Picked::Outcome(sent(done))))
            .recv(rx(0, Wish::Recv), |got| (0, Picked::Outcome(received(got))))
            .recv(rx(1, Wish::Recv), |got| (1, Picked::Outcome(received(got))))
            .arm(tx(0, Wish::Reserve).map(Sender::reserve), |got| {
                (0, permit(got))
            })
            .arm(tx(1, Wish::Reserve).map(Sender::reserve), |got| {
                (1, permit(got))
            })
            .arm(rx(0, Wish::Claim).map(Receiver::claim), |got| {
                (0, claim(got))
            })
            .arm(rx(1, Wish::Claim).map(Receiver::claim), |got| {
                (1, claim(got))
            })
            .default_if(default, || (0, Picked::Default));
        let Some((arm, picked)) = poll_a_while(select, patience) else {
            return Outcome::GivenUp;
        };
        patience.pass();
        let outcome = match picked {
            Picked::Outcome(outcome) => outcome,
            Picked::Default => return Outcome::Default,
            Picked::Permit(permit) => {
                drop(permit);
                Outcome::Happened
            }
            Picked::Claim(claim) => {
                drop(claim);
                Outcome::Happened
            }
        };
        Outcome::Won(arm, Box::new(outcome))
    }
}

fn send_somehow(
    tx: &Sender<Value>,
    value: Value,
    way: Way,
    patience: &mut impl Patience,
) -> Outcome {
    match way {
        Way::Try => match tx.try_send(value) {
            Ok(()) => Outcome::Sent,
            Err(TrySendError::Full(value)) => Outcome::NotNow(Some(value)),
            Err(TrySendError::Closed(value)) => Outcome::Refused(Some(value)),
        },
        Way::Late => match tx.send_deadline(value, past()) {
            Ok(()) => Outcome::Sent,
            Err(SendTimeoutError::Timeout(value)) => Outcome::NotNow(Some(value)),
            Err(SendTimeoutError::Closed(value)) => Outcome::Refused(Some(value)),
        },
        Way::Dropped => poll_a_while(tx.send(value), patience).map_or(Outcome::GivenUp, sent),
    }
}

fn recv_somehow(rx: &Receiver<Value>, way: Way, patience: &mut impl Patience) -> Outcome {
    match way {
        Way::Try => match rx.try_recv() {
            Ok(value) => Outcome::Received(value),
            Err(TryRecvError::Empty) => Outcome::NotNow(None),
            Err(TryRecvError::Closed) => Outcome::Ended,
        },
        Way::Late => match rx.recv_deadline(past()) {
            Ok(value) => Outcome::Received(value),
            Err(RecvTimeoutError::Timeout) => Outcome::NotNow(None),
            Err(RecvTimeoutError::Closed) => Outcome::Ended,
        },
        Way::Dropped => poll_a_while(rx.recv(), patience).map_or(Outcome::GivenUp, received),
    }
}

fn past() -> Instant {
    Instant::now() - Duration::from_secs(1)
}

fn sent(done: Result<(), SendError<Value>>) -> Outcome {
    match done {
        Ok(()) => Outcome::Sent,
        Err(SendError(value)) => Outcome::Refused(Some(value)),
    }
}

fn received(got: Result<Value, RecvError>) -> Outcome {
    got.map_or(Outcome::Ended, Outcome::Received)
}

/// Polls a future a few times, with steps of others in between, and then drops it.
fn poll_a_while<F: Future + Unpin>(
    mut future: F,
    patience: &mut impl Patience,
) -> Option<F::Output> {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..patience.polls() {
        if let Poll::Ready(output) = Pin::new(&mut future).poll(&mut context) {
            return Some(output);
        }
        patience.pass();
    }
    None
}
