//! Selects whose arms are known only when they run: some send, some receive, in one list.

mod common;

use common::{assert_no_trace, now, Bell};
use millstream::EitherArm::{self, Left, Right};
use millstream::{Receiver, RecvFuture, Select, SendFuture, Sender};

type Arm<'a> = EitherArm<SendFuture<'a, u32>, RecvFuture<'a, u32>>;

fn pair(capacity: usize) -> (Sender<u32>, Receiver<u32>) {
    millstream::bounded(capacity)
}

#[test]
fn the_arms_keep_their_order_when_biased() {
    let (first, second) = (pair(1), pair(1));
    second.0.try_send(2).unwrap();
    let arms: [Arm<'_>; 2] = [Left(first.0.send(1)), Right(second.1.recv())];
    let won = now(Select::new()
        .each(arms, |index, result| (index, result))
        .biased());
    assert_eq!(won, (0, Left(Ok(()))));
    let arms: [Arm<'_>; 2] = [Right(second.1.recv()), Left(first.0.send(3))];
    let won = now(Select::new()
        .each(arms, |index, result| (index, result))
        .biased());
    assert_eq!(won, (0, Right(Ok(2))));
    assert_eq!(first.1.drain().collect::<Vec<_>>(), [1]);
}

#[test]
fn one_of_them_commits_and_the_others_leave_no_trace() {
    for winner in 0..2 {
        let (to, from) = (pair(0), pair(0));
        let bell = Bell::new();
        let arms: [Arm<'_>; 2] = [Left(to.0.send(1)), Right(from.1.recv())];
        let mut select = Select::new().each(arms, |index, result| (index, result));
        bell.waits(&mut select);
        if winner == 0 {
            assert_eq!(to.1.try_recv(), Ok(1));
            assert!(from.0.try_send(2).unwrap_err().is_full());
            assert_eq!(bell.gets(&mut select), (0, Left(Ok(()))));
        } else {
            from.0.try_send(2).unwrap();
            assert!(to.1.try_recv().is_err());
            assert_eq!(bell.gets(&mut select), (1, Right(Ok(2))));
        }
        drop(select);
        assert_no_trace(&to, 0);
        assert_no_trace(&from, 0);
    }
}

#[test]
fn dropped_while_it_waits_it_leaves_no_trace() {
    let (to, from) = (pair(0), pair(0));
    let bell = Bell::new();
    let arms: [Arm<'_>; 2] = [Left(to.0.send(1)), Right(from.1.recv())];
    let mut select = Select::new().each(arms, |index, _| index);
    bell.waits(&mut select);
    drop(select);
    assert_no_trace(&to, 0);
    assert_no_trace(&from, 0);
}
