//! A program is run: its steps one by one, then everything to its end.

use crate::log::{Log, Offered};
use crate::operations::{task, Desk, Ends};
use crate::task::Task;
use crate::value::{Mint, Value};
use crate::{Operation, Policy, Step};
use millstream::{Receiver, Sender, TryRecvError, TrySendError, WeakReceiver};

/// More operations at once only slow the search down.
const MOST_TASKS: usize = 12;

/// One channel of the program, and what is left of its handles.
pub(crate) struct Channel {
    pub(crate) policy: Policy,
    pub(crate) senders: Vec<Sender<Value>>,
    pub(crate) receivers: Vec<Receiver<Value>>,
    pub(crate) weak: WeakReceiver<Value>,
    /// How many values may lie here because those who were to take them have left, since there were few last.
    pub(crate) left_behind: usize,
}

/// The program while it runs.
pub(crate) struct Run {
    pub(crate) channels: Vec<Channel>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) desk: Desk,
}

/// Runs the steps over channels of these policies.
pub fn run(policies: &[Policy], steps: &[Step]) {
    let mint = Mint::default();
    let mut run = Run {
        desk: Desk {
            mint: mint.clone(),
            log: Log::new(policies.iter().map(|policy| policy.keeps_order()).collect()),
        },
        tasks: Vec::new(),
        channels: policies
            .iter()
            .map(|policy| {
                let (tx, rx) = policy.channel(&mint);
                Channel {
                    policy: *policy,
                    senders: tx.into_iter().collect(),
                    weak: rx.downgrade(),
                    receivers: vec![rx],
                    left_behind: 0,
                }
            })
            .collect(),
    };
    for step in steps {
        run.step(*step);
        run.check_bounds();
    }
    run.settle();
    run.finish();
    drop(run);
    assert!(mint.left().is_empty(), "{:?} leaked", mint.left());
}

impl Run {
    fn number(&self, channel: u8) -> usize {
        usize::from(channel) % self.channels.len()
    }

    /// New handles of a channel for an operation, of the sides that are still there.
    fn ends(&self, channel: u8) -> Ends {
        let number = self.number(channel);
        let channel = &self.channels[number];
        Ends {
            channel: number,
            tx: channel.senders.first().cloned(),
            rx: channel.receivers.first().cloned(),
            claims_take_out: channel.policy.claims_take_out(),
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Start(channel, operation) => {
                if self.tasks.len() < MOST_TASKS {
                    self.start(channel, operation);
                }
            }
            Step::Poll(number) => self.with_task(number, |run, task| run.poll(task)),
            Step::PollAnew(number) => self.with_task(number, |run, task| {
                run.tasks[task].change_waker();
                run.poll(task);
            }),
            Step::Drop(number) => self.with_task(number, Run::remove),
            Step::GoOn(number) => self.with_task(number, |run, task| {
                run.tasks[task].go_on();
                run.poll(task);
            }),
            Step::TrySend(channel) => self.try_send(self.number(channel)),
            Step::TryRecv(channel) => {
                let channel = self.number(channel);
                self.try_recv(channel);
            }
            Step::Drain(channel) => {
                let channel = self.number(channel);
                if let Some(rx) = self.channels[channel].receivers.first() {
                    for value in rx.drain() {
                        self.desk.log.gets(channel, value);
                    }
                }
            }
            Step::CloseSender(channel) => {
                if let Some(tx) = self.ends(channel).tx {
                    tx.close();
                }
            }
            Step::CloseReceiver(channel) => {
                if let Some(rx) = self.ends(channel).rx {
                    rx.close();
                }
            }
            Step::CloneSender(channel) => {
                let Ends { channel, tx, .. } = self.ends(channel);
                self.channels[channel].senders.extend(tx);
            }
            Step::CloneReceiver(channel) => {
                let Ends { channel, rx, .. } = self.ends(channel);
                self.channels[channel].receivers.extend(rx);
            }
            Step::DropSender(channel) => {
                let channel = self.number(channel);
                drop(self.channels[channel].senders.pop());
            }
            Step::DropReceiver(channel) => {
                let channel = self.number(channel);
                drop(self.channels[channel].receivers.pop());
            }
            Step::Settle => self.settle(),
        }
    }

    pub(crate) fn start(&mut self, channel: u8, operation: Operation) {
        let ends = self.ends(channel);
        let task = task(operation, ends, |other| self.ends(other), self.desk.clone());
        self.tasks.extend(task);
    }

    fn with_task(&mut self, number: u8, deed: impl FnOnce(&mut Self, usize)) {
        if !self.tasks.is_empty() {
            let number = usize::from(number) % self.tasks.len();
            deed(self, number);
        }
    }

    pub(crate) fn poll(&mut self, number: usize) {
        if self.tasks[number].poll() {
            self.remove(number);
        }
    }

    /// A task goes. What it was committed to may stay, and the value of a permit whose receiver has got another.
    fn remove(&mut self, number: usize) {
        let task = self.tasks.swap_remove(number);
        for (number, channel) in self.channels.iter_mut().enumerate() {
            channel.left_behind += task.concerns(number);
        }
    }

    fn try_send(&mut self, channel: usize) {
        let Some(tx) = self.channels[channel].senders.first() else {
            return;
        };
        let (was_closed, was_full) = (tx.is_closed(), tx.is_full());
        let value = self.desk.value(channel, Offered::InLine);
        let number = value.number;
        let result = tx.try_send(value);
        match &result {
            Ok(()) => assert!(!was_closed && !was_full, "sent over the bound or the end"),
            Err(TrySendError::Full(_)) => assert!(was_full && !was_closed, "full, but it was not"),
            Err(TrySendError::Closed(_)) => assert!(was_closed, "closed, but it was not"),
        }
        let result = result.map_err(TrySendError::into_inner);
        self.desk.log.ends(channel, number, result);
    }

    /// What the attempt answered, if it had no value.
    pub(crate) fn try_recv(&mut self, channel: usize) -> Option<TryRecvError> {
        let Some(rx) = self.channels[channel].weak.upgrade() else {
            return Some(TryRecvError::Closed);
        };
        match rx.try_recv() {
            Ok(value) => {
                self.desk.log.gets(channel, value);
                None
            }
            Err(error) => Some(error),
        }
    }

    /// Polls those who were woken, until nobody is.
    pub(crate) fn settle(&mut self) {
        while let Some(number) = self.tasks.iter().position(Task::is_called) {
            self.poll(number);
        }
        self.check_that_nobody_waits_in_vain();
    }
}
