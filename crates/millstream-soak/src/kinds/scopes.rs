//! Scopes that are dropped midway, cancelled, or ended by errors and panics of their tasks.

use crate::board::Board;
use crate::book::Loss;
use crate::channels::Policy;
use crate::cut::cut;
use crate::hand::{Got, Hand, Order, Sent};
use crate::message::Message;
use crate::panics::{calm, calmly, deliberately};
use crate::place::Place;
use crate::run::Run;
use crate::waker::Census;
use millstream::runtime::BoxFuture;
use millstream::scope::{scope, Scope, Spawner};
use millstream::{Receiver, Sender};
use std::future::{pending, poll_fn, Future};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

pub fn run(run: &mut Run) -> Result<(), String> {
    let (members, tasks) = (run.dice.between(1, 2), run.dice.between(1, 6));
    let each = run.dice.between(1, 40);
    let is_hostile = run.dice.once_in(4);
    let book = run.book(members * (tasks + 1) * each * 8);
    run.board.note(format_args!(
        "{members} members, {tasks} tasks of {each}, hostile {is_hostile}"
    ));
    let board = run.board.clone();
    for _ in 0..members {
        let board = board.clone();
        run.start("owner of a scope", &book, |mut hand| async move {
            hand.has_hostile = is_hostile;
            // What the tasks of the scope own, counted for this member alone.
            let owned = Arc::new(Census::default());
            let plan = Plan {
                tasks,
                each,
                way: hand.dice.below(5),
                owned: owned.clone(),
            };
            let outer = outer(hand.fork(hand.producer), plan, &board);
            let outcome = calm(outer).await;
            if owned.alive() > 0 {
                hand.book.wrong(format!(
                    "{} tasks of a scope outlived it, {outcome:?}",
                    owned.alive()
                ));
            }
        });
    }
    run.join()?;
    run.settle(&book, Loss::Left).map(drop)
}

/// An error of a task, or of a body.
#[derive(Debug)]
struct Wrong;

/// What a topology is made of.
#[derive(Clone)]
struct Plan {
    tasks: usize,
    each: usize,
    /// What the body of the inner scope does.
    way: usize,
    owned: Arc<Census>,
}

/// A scope within which another is dropped, and which ends after the tasks of both.
fn outer(mut hand: Hand, plan: Plan, board: &Board) -> BoxFuture<'static, Result<(), Wrong>> {
    let (tx, rx) = Policy::keeping(&mut hand.dice).open(&mut hand.dice, board, "scoped");
    let polls = hand.dice.below(30);
    Box::pin(scope(move |outer: Scope<'static, Wrong>| async move {
        let owned = plan.owned.count();
        outer.spawn(async move {
            let _owned = owned;
            millstream::runtime::yield_now().await;
            Ok(())
        });
        hand.post.says("a scope");
        let is_cut = plan.way == 0 || hand.dice.once_in(3);
        let inner = inner(hand.fork(hand.producer), plan, polls, tx, rx);
        if is_cut {
            if calm(cut(polls, inner))
                .await
                .is_ok_and(|ended| ended.is_none())
            {
                hand.cancelled();
            }
        } else {
            let _ = calm(inner).await;
        }
        Ok(())
    }))
}

/// A scope whose tasks pass values to each other.
fn inner(
    mut hand: Hand,
    plan: Plan,
    polls: usize,
    tx: Sender<Message>,
    rx: Receiver<Message>,
) -> BoxFuture<'static, Result<(), Wrong>> {
    let body = move |scope: Scope<'static, Wrong>| async move {
        for number in 0..plan.tasks {
            let producer = 1000 * (1 + hand.producer) + number as u32;
            let is_cooperative = hand.dice.once_in(4);
            let work = work(
                hand.fork(producer),
                &plan,
                is_cooperative,
                tx.clone(),
                rx.clone(),
                scope.spawner(),
            );
            if is_cooperative {
                scope.spawn_cooperative(work);
            } else if number % 3 == 2 {
                scope.attach(work);
            } else {
                scope.spawn(work);
            }
        }
        drop(tx);
        let _ = calmly(|| drop(rx));
        match plan.way {
            // Tasks that both send and receive may wait for each other for ever: who dropped the scope ended that.
            0 => pending::<()>().await,
            1 => {
                for _ in 0..polls {
                    millstream::runtime::yield_now().await;
                }
                scope.cancel();
            }
            2 => return Err(Wrong),
            _ => {
                if !scope.drain(Duration::from_micros(300)).await {
                    hand.cancelled();
                }
            }
        }
        Ok(())
    };
    Box::pin(scope(body).grace(Duration::from_micros(300)))
}

/// A task: sends and receives, fails, panics, cancels its scope, and hears of it if it is cooperative.
fn work(
    mut hand: Hand,
    plan: &Plan,
    is_cooperative: bool,
    tx: Sender<Message>,
    mut rx: Receiver<Message>,
    spawner: Spawner<Wrong>,
) -> BoxFuture<'static, Result<(), Wrong>> {
    let (each, owned, is_deaf) = (plan.each, plan.owned.count(), hand.dice.once_in(2));
    let hearing = spawner.clone();
    // Wherever its owner is, a task must not block.
    hand.place = Place::BuiltIn;
    let mut task = Box::pin(async move {
        let _owned = owned;
        for _ in 0..each {
            let is_over = match hand.dice.once_in(2) {
                true => hand.send(&tx).await == Sent::Closed,
                false => hand.receive(&mut rx, &mut Order::none()).await == Got::Ended,
            };
            if is_over {
                break;
            }
            match hand.dice.below(400) {
                0 => return Err(Wrong),
                1 => {
                    hand.book.counts.panicked();
                    deliberately()
                }
                2 => spawner.cancel(),
                _ => {}
            }
        }
        // Its values may panic when they go.
        let _ = calmly(|| drop(rx));
        Ok(())
    });
    // Some do not hear of it either, until their time is up.
    if !is_cooperative || is_deaf {
        return task;
    }
    Box::pin(async move {
        let mut cancelled = hearing.cancelled();
        poll_fn(|context| match task.as_mut().poll(context) {
            Poll::Pending => Pin::new(&mut cancelled).poll(context).map(|()| Ok(())),
            ready => ready,
        })
        .await
    })
}
