//! Timers that are waited for, and timers that are given up.

use crate::run::Run;
use millstream::{select, RecvError};
use std::time::{Duration, Instant};

pub fn run(run: &mut Run) -> Result<(), String> {
    let (members, each) = (run.dice.between(1, 4), run.dice.between(1, 12));
    let book = run.book(0);
    run.board
        .note(format_args!("{members} members with {each} timers"));
    for _ in 0..members {
        run.start("waiting", &book, |mut hand| async move {
            for _ in 0..each {
                let delay = Duration::from_micros(hand.dice.below(2000) as u64);
                hand.post.says("a timer");
                match hand.dice.below(5) {
                    0 => {
                        let start = Instant::now();
                        let came = millstream::after(delay).recv().await;
                        if came.is_err() || start.elapsed() < delay {
                            hand.book.wrong(format!(
                                "{came:?} after {:?} of {delay:?}",
                                start.elapsed()
                            ));
                        }
                    }
                    1 => {
                        let ended = millstream::timeout(delay).recv().await;
                        if ended != Err(RecvError) {
                            hand.book.wrong(format!("a timeout gave {ended:?}"));
                        }
                    }
                    2 => {
                        let ticks = millstream::tick(Duration::from_micros(
                            50 + hand.dice.below(200) as u64,
                        ));
                        let mut last = None;
                        for _ in 0..hand.dice.below(5) {
                            let tick = ticks.recv().await.ok().map(|tick| tick.number);
                            if tick.is_none() || tick <= last {
                                hand.book.wrong(format!("tick {tick:?} after {last:?}"));
                            }
                            last = tick;
                        }
                    }
                    3 => {
                        // Nobody waits for this hour.
                        drop(millstream::after(Duration::from_secs(3600)));
                        hand.cancelled();
                    }
                    _ => {
                        let never = millstream::after(Duration::from_secs(3600));
                        select! {
                            _ = never.recv() => hand.book.wrong("an hour has gone by".to_string()),
                            after(delay) => hand.cancelled(),
                        }
                    }
                }
            }
        });
    }
    run.join()?;
    run.settle(&book, crate::book::Loss::None).map(drop)
}
