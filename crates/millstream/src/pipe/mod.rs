//! Stages that run beside their neighbours: between a receiver and a sender, on worker threads or on tasks.
//!
//! | | runs | for |
//! |---|---|---|
//! | [`threads(n)`](threads()) | a plain function on `n` threads of its own | what computes or blocks |
//! | [`tasks(n)`](tasks()) | an async function on `n` tasks | what waits |
//! | [`apply`](apply()) | one async function between a receiver and a sender | what is no map of single values |
//!
//! The first two have one vocabulary: `map`, `flat_map` and `try_map` give a receiver of results, and with `_into` they send
//! into a channel of the author's; [`ordered`](Threads::ordered) puts the results into the order of the values. All of them
//! are bounded, keep running while the consumer works, end when their input does, let go of it when their output has no
//! receiver left, and carry a panic to the consumer.
//!
//! ```
//! use millstream::{from_iter, pipe};
//!
//! let fetched = pipe::tasks(16).map(from_iter(1..=4u64), async |page: u64| vec![page; 3]);
//! let counted = pipe::threads(2).map(fetched, |page: Vec<u64>| page.iter().sum::<u64>());
//! assert_eq!(counted.iter().sum::<u64>(), 30);
//! ```

mod apply;
mod batch;
mod ordered;
mod panic;
mod stage;
mod stateful;
mod tasks;
mod threads;
mod turn;
mod worker;

pub use apply::apply;
pub use stateful::StatefulThreads;
pub use tasks::{tasks, Tasks};
pub use threads::{threads, Threads};
