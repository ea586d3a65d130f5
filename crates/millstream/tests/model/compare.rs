//! One history, run on the real channels and on the specification side by side.
//!
//! Where the specification leaves something open (the arm that a select looks at first), every world that is possible
//! goes on until something is seen that tells them apart. A history is refuted when none is left.

use crate::real::{Handles, Running, UNIT};
use crate::spec::{Channel, Id, Outcome, Policy, Reply, World};
use crate::step::{Side, Step};
use crate::token::Alive;
use millstream::runtime::Manual;
use std::collections::{BTreeMap, BTreeSet};

/// What can be seen after a step.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    answer: Answer,
    /// Who was woken by it, and how often.
    woken: BTreeMap<Id, usize>,
    /// Which values have not been dropped.
    alive: BTreeSet<u32>,
    channels: Vec<Option<Look>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Nothing,
    Reply(Reply),
    Outcome(Outcome),
    Was(bool),
}

/// What a channel says of itself.
#[derive(Clone, Debug, PartialEq)]
struct Look {
    len: usize,
    is_full: bool,
    is_closed: bool,
    capacity: Option<usize>,
    handles: [usize; 2],
    dropped: u64,
}

pub struct Run {
    pub(super) worlds: Vec<World>,
    pub(super) handles: Vec<Handles>,
    pub(super) running: BTreeMap<Id, Running>,
    pub(super) alive: Alive,
    manual: Manual,
    pub(super) next_id: Id,
    pub(super) next_value: u32,
}

impl Run {
    pub fn new(policies: &[Policy]) -> Self {
        let alive = Alive::default();
        let mut next_value = 0;
        let (mut handles, mut channels) = (Vec::new(), Vec::new());
        for policy in policies {
            let mut items = Vec::new();
            if *policy == Policy::Iterator {
                items.extend(next_value + 1..=next_value + 4);
                next_value += 4;
            }
            handles.push(Handles::new(*policy, &items, &alive));
            channels.push(match policy {
                Policy::Iterator => Channel::over(items),
                policy => Channel::new(*policy),
            });
        }
        Run {
            worlds: vec![World::new(channels)],
            handles,
            running: BTreeMap::new(),
            alive,
            manual: Manual::new(),
            next_id: 0,
            next_value,
        }
    }

    /// Runs a whole history, and the end of everything after it.
    pub fn history(mut self, steps: &[Step]) {
        let _entered = self.manual.enter();
        for step in steps {
            self.step(step);
        }
        while !self.running.is_empty() {
            self.step(&Step::Cancel(0));
        }
        for channel in 0..self.handles.len() {
            for side in [Side::Sender, Side::Receiver] {
                while self.handles[channel].has(side) {
                    self.step(&Step::DropHandle(channel, side));
                }
            }
        }
        let alive = self.alive.numbers();
        assert!(alive.is_empty(), "{alive:?} outlive their channels");
    }

    pub fn step(&mut self, step: &Step) {
        match step {
            Step::Begin(call) => {
                if let Some(id) = self.begin(step, call) {
                    self.poll(step, id);
                }
            }
            Step::Prepare(call) => {
                self.begin(step, call);
            }
            Step::Poll(which) => {
                if let Some(id) = self.pick(*which) {
                    self.poll(step, id);
                }
            }
            Step::Cancel(which) => {
                if let Some(id) = self.pick(*which) {
                    drop(self.running.remove(&id));
                    self.check(step, Answer::Nothing, |world| {
                        world.cancel(id);
                        Answer::Nothing
                    });
                }
            }
            Step::Use(which) => self.use_right(step, *which),
            Step::Peek(which) => self.peek(step, *which),
            Step::AtOnce(channel, what) => self.at_once(step, *channel, *what),
            Step::CloneHandle(channel, side) => self.more_handles(step, *channel, *side),
            Step::DropHandle(channel, side) => self.drop_handle(step, *channel, *side),
            Step::Upgrade(channel, side) => self.upgrade(step, *channel, *side),
            Step::Close(channel, side) => self.close(step, *channel, *side),
            Step::Advance(by) => {
                self.manual.advance(UNIT * *by as u32);
                self.check(step, Answer::Nothing, |world| {
                    world.advance(*by);
                    Answer::Nothing
                });
            }
        }
    }

    /// Keeps the worlds in which this could be seen, each taken on by `act`.
    pub(super) fn check(
        &mut self,
        step: &Step,
        answer: Answer,
        act: impl Fn(&mut World) -> Answer,
    ) {
        self.check_each(step, answer, |_| 1, |world, _| act(world));
    }

    /// The same where a world has several ways to go on.
    pub(super) fn check_each(
        &mut self,
        step: &Step,
        answer: Answer,
        ways: impl Fn(&World) -> usize,
        act: impl Fn(&mut World, usize) -> Answer,
    ) {
        let seen = self.look(answer);
        let (mut kept, mut refuted) = (Vec::<World>::new(), Vec::new());
        for world in &self.worlds {
            for way in 0..ways(world) {
                let mut world = world.clone();
                let answer = act(&mut world, way);
                let expected = self.foresee(answer, &mut world);
                if expected != seen {
                    refuted.push(expected);
                } else if !kept.contains(&world) {
                    kept.push(world);
                }
            }
        }
        assert!(
            !kept.is_empty(),
            "after {step:?}\n seen: {seen:#?}\n allowed is one of: {refuted:#?}\n before: {:#?}",
            self.worlds
        );
        self.worlds = kept;
    }

    /// What is seen of the real channels.
    fn look(&self, answer: Answer) -> Seen {
        let rings = self.running.iter();
        let rings = rings.map(|(id, running)| (*id, running.bell.rings()));
        Seen {
            answer,
            woken: rings.filter(|(_, rings)| *rings > 0).collect(),
            alive: self.alive.numbers(),
            channels: self.handles.iter().map(look_at).collect(),
        }
    }

    /// What must be seen in this world.
    fn foresee(&self, answer: Answer, world: &mut World) -> Seen {
        let mut woken = std::mem::take(&mut world.woken);
        woken.retain(|id, _| world.operations.contains_key(id));
        let looks = world.channels.iter().enumerate().map(|(number, channel)| {
            let handles = &self.handles[number];
            let is_seen = handles.has(Side::Sender) || handles.has(Side::Receiver);
            is_seen.then(|| Look {
                len: world.receivable(number),
                is_full: world.is_full(number),
                is_closed: channel.closed,
                capacity: channel.capacity(),
                handles: channel.handles,
                dropped: channel.dropped,
            })
        });
        Seen {
            answer,
            woken,
            alive: world.alive(),
            channels: looks.collect(),
        }
    }
}

fn look_at(handles: &Handles) -> Option<Look> {
    macro_rules! look {
        ($handle:expr) => {{
            let handle = $handle;
            assert_eq!(handle.is_empty(), handle.len() == 0);
            Look {
                len: handle.len(),
                is_full: handle.is_full(),
                is_closed: handle.is_closed(),
                capacity: handle.capacity(),
                handles: [handle.sender_count(), handle.receiver_count()],
                dropped: handle.stats().dropped,
            }
        }};
    }
    if let Some(tx) = handles.senders.first() {
        return Some(look!(tx));
    }
    handles.receivers.first().map(|rx| look!(rx))
}
