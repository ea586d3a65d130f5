//! Times as channels, under a clock that moves only when the test says so.

use millstream::runtime::Manual;
use millstream::time::{Late, Tick, Ticker};
use millstream::{after, select, tick, timeout, RecvError, TryRecvError};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn after_comes_once_and_not_early() {
    let mut clock = Manual::new();
    let start = clock.now();
    let rx = {
        let _entered = clock.enter();
        after(10 * SECOND)
    };
    clock.advance(10 * SECOND - Duration::from_nanos(1));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    clock.advance(Duration::from_nanos(1));
    assert_eq!(rx.try_recv(), Ok(start + 10 * SECOND));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn timeout_gives_nothing_and_closes() {
    let mut clock = Manual::new();
    let rx = {
        let _entered = clock.enter();
        timeout(SECOND)
    };
    clock.run_until_stalled();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    assert!(!rx.is_closed());
    clock.advance(SECOND);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_delay_beyond_all_time_never_ends() {
    let mut clock = Manual::new();
    let (late, never) = {
        let _entered = clock.enter();
        (after(Duration::MAX), timeout(Duration::MAX))
    };
    clock.advance(1_000_000 * SECOND);
    assert_eq!(late.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(never.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn nobody_left_to_receive_stops_the_task() {
    let mut clock = Manual::new();
    let receivers = {
        let _entered = clock.enter();
        (
            after(SECOND),
            timeout(SECOND),
            tick(SECOND),
            after(Duration::MAX),
        )
    };
    clock.run_until_stalled();
    assert_eq!(clock.tasks(), 4);
    drop(receivers);
    clock.run_until_stalled();
    assert_eq!((clock.tasks(), clock.sleepers()), (0, 0));
}

fn numbers(ticks: &millstream::Receiver<Tick>) -> Vec<u64> {
    ticks.try_iter().map(|tick| tick.number).collect()
}

#[test]
fn ticks_are_numbered_and_do_not_drift() {
    let mut clock = Manual::new();
    let start = clock.now();
    let ticks = {
        let _entered = clock.enter();
        tick(SECOND)
    };
    for number in 0..100 {
        // However late the consumer looks, the rhythm is that of the start.
        clock.advance(SECOND);
        let tick = ticks.try_recv().unwrap();
        assert_eq!(tick.number, number);
        assert_eq!(
            tick.due,
            start + SECOND * (u32::try_from(number).unwrap() + 1)
        );
    }
}

#[test]
fn a_late_consumer_finds_the_newest_tick_and_no_backlog() {
    let mut clock = Manual::new();
    let ticks = {
        let _entered = clock.enter();
        tick(SECOND)
    };
    clock.advance(1000 * SECOND);
    assert_eq!(ticks.len(), 1);
    assert_eq!(numbers(&ticks), [999]);
    clock.advance(SECOND);
    assert_eq!(numbers(&ticks), [1000]);
}

#[test]
fn skipped_ticks_leave_nothing_behind() {
    let mut clock = Manual::new();
    let ticks = {
        let _entered = clock.enter();
        Ticker::every(SECOND).late(Late::Skip).start()
    };
    clock.advance(10 * SECOND);
    assert_eq!(numbers(&ticks), [0u64; 0]);
    assert_eq!(clock.block_on(ticks.recv()).unwrap().number, 10);
}

#[test]
fn start_at_fires_first_at_that_time() {
    let mut clock = Manual::new();
    let start = clock.now() + 5 * SECOND;
    let ticks = {
        let _entered = clock.enter();
        Ticker::every(2 * SECOND).start_at(start).start()
    };
    clock.advance(5 * SECOND - Duration::from_nanos(1));
    assert_eq!(numbers(&ticks), [0u64; 0]);
    clock.advance(Duration::from_nanos(1));
    assert_eq!(
        ticks.try_recv(),
        Ok(Tick {
            number: 0,
            due: start
        })
    );
    clock.advance(2 * SECOND);
    assert_eq!(
        ticks.try_recv(),
        Ok(Tick {
            number: 1,
            due: start + 2 * SECOND
        })
    );
}

#[test]
fn a_start_in_the_past_counts_as_missed() {
    let mut clock = Manual::new();
    let start = clock.now();
    clock.advance(10 * SECOND);
    let ticks = {
        let _entered = clock.enter();
        Ticker::every(SECOND).start_at(start).start()
    };
    clock.run_until_stalled();
    assert_eq!(
        ticks.try_recv(),
        Ok(Tick {
            number: 10,
            due: start + 10 * SECOND
        })
    );
    assert_eq!(numbers(&ticks), [0u64; 0]);
}

#[test]
fn a_period_longer_than_time_never_ticks() {
    let mut clock = Manual::new();
    let ticks = {
        let _entered = clock.enter();
        tick(Duration::MAX)
    };
    clock.advance(1_000_000 * SECOND);
    assert_eq!(ticks.try_recv(), Err(TryRecvError::Empty));
}

#[test]
#[should_panic(expected = "a period longer than zero")]
fn a_period_of_zero_is_refused() {
    let _ = tick(Duration::ZERO);
}

#[test]
fn a_whole_conversation_can_have_one_limit() {
    let mut clock = Manual::new();
    let _entered = clock.enter();
    let (tx, rx) = millstream::bounded(1);
    let heard = clock.block_on(async {
        let limit = timeout(10 * SECOND);
        let beat = tick(3 * SECOND);
        let mut heard = Vec::new();
        loop {
            select! {
                _ = limit.recv() => break,
                tick = beat.recv() => tx.try_send(tick.unwrap().number).unwrap(),
                value = rx.recv() => heard.push(value.unwrap()),
            }
        }
        heard
    });
    assert_eq!(heard, [0, 1, 2]);
}

#[test]
fn a_timer_that_nobody_waits_for_any_more_is_gone() {
    let mut clock = Manual::new();
    let _entered = clock.enter();
    let (tx, rx) = millstream::bounded::<u32>(1);
    tx.try_send(1).unwrap();
    let got = clock.block_on(async {
        select! { value = rx.recv() => value, after(SECOND) => Err(RecvError) }
    });
    assert_eq!(got, Ok(1));
    assert_eq!(clock.sleepers(), 0);
}
