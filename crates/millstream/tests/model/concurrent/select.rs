//! The steps of a select: it looks at its arms one by one, and joins their lines one by one.

use super::call::Call;
use super::steps::{Concurrent, Steps};
use crate::spec::{Got, Id, Outcome, Place, Right, Stage, Wish};

impl Concurrent {
    pub(super) fn select_steps(self, id: Id, call: &Call, has_default: bool) -> Steps {
        let operation = &self.world.operations[&id];
        let (stage, count) = (operation.stage.clone(), operation.arms.len());
        let mut steps = Vec::new();
        if let Stage::Told(arm, news) = stage {
            let place = Place { operation: id, arm };
            let mut after = self.clone();
            after.world.operation_mut(id).stage = Stage::Idle;
            steps.push(match after.world.conclude(place, news) {
                Some(got) => after.came_by(place, call, got),
                None => {
                    // From the start, and registered nowhere.
                    after.arms.remove(&id);
                    after.goes_on()
                }
            });
        } else {
            for arm in 0..count {
                let place = Place { operation: id, arm };
                let stands_there = self.arms.get(&id).is_some_and(|arms| arms & 1 << arm != 0);
                if !stands_there {
                    self.at_arm(place, call, has_default, &mut steps);
                }
            }
        }
        let all_seen = self.arms.get(&id) == Some(&((1 << count) - 1));
        if !has_default {
            steps.push(self.drops_it(id));
        } else if all_seen {
            steps.push(self.ends(id, Outcome::Default));
        }
        steps
    }

    /// One arm is tried. If it can have nothing now it is passed over, or joins its line.
    fn at_arm(&self, place: Place, call: &Call, has_default: bool, steps: &mut Steps) {
        let id = place.operation;
        let is_waiting = self.world.operations[&id].stage == Stage::Waiting;
        let mut after = self.clone();
        match after.world.attempt(place) {
            Some(_) if is_waiting => self.wins_while_joining(place, call, steps),
            Some(got) => steps.push(after.came_by(place, call, got)),
            None => {
                *after.arms.entry(id).or_insert(0) |= 1 << place.arm;
                if !has_default {
                    after.world.operation_mut(id).stage = Stage::Waiting;
                    after.world.join(place);
                }
                steps.push(after.goes_on());
            }
        }
        if !is_waiting && !has_default {
            // It was passed over in the first pass, and is found ready only when others stand in line.
            self.wins_while_joining(place, call, steps);
        }
    }

    /// An arm that is ready when it would join its line wins in that step, and takes its value in another.
    fn wins_while_joining(&self, place: Place, call: &Call, steps: &mut Steps) {
        let id = place.operation;
        let mut after = self.clone();
        let wish = after.world.arm(place).wish;
        if wish == Wish::Recv {
            after.world.arm_mut(place).wish = Wish::Claim;
        }
        let got = after.world.attempt(place);
        after.world.arm_mut(place).wish = wish;
        match got {
            Some(Got::Right(Right::Claim)) if wish == Wish::Recv => {
                after.world.leave_lines(id);
                after.world.operation_mut(id).stage =
                    Stage::Told(place.arm, crate::spec::News::Granted);
                steps.push(after.goes_on());
            }
            Some(Got::Right(Right::Promised(value))) if wish == Wish::Recv => {
                let got = Got::Outcome(Outcome::Received(value));
                steps.push(after.came_by(place, call, got));
            }
            Some(got) => steps.push(after.came_by(place, call, got)),
            None => {}
        }
    }
}
