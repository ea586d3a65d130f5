//! Runtimes: where spawned tasks run and who measures time for them.
//!
//! Channels and selects need no runtime. The parts of millstream that start tasks of their own (parallel pipes, hubs,
//! scopes, `run_on`) or wait for a time (`after`, `tick`, `timeout`) ask the *current* runtime for it. Which one that
//! is, is decided on the calling thread, at the moment of the call:
//!
//! 1. the runtime that was entered last and not left yet; code enters one by [`enter`], and a task that was spawned
//!    through a [`Handle`] enters the runtime of that handle each time it is polled, and when it is dropped;
//! 2. with the `tokio` feature, the tokio runtime the code runs in, if it runs in one;
//! 3. with the `smol` feature, smol's global executor;
//! 4. with the `runtime` feature (on by default), the built-in runtime, which needs no set-up.
//!
//! # Your own runtime
//!
//! Implement [`Spawn`] and [`Timer`], then make a [`Handle`] of it and [`enter`] that.
//!
//! # Tests without waiting
//!
//! [`Manual`] is a runtime whose clock moves only when the test says so. An hour of timeouts takes microseconds, and
//! always in the same order.
//!
//! # Fork
//!
//! A child process made by `fork` without `exec` has none of the threads of its parent. As with every runtime that
//! has threads, tasks and timers of the built-in one do not go on in such a child.

mod current;
mod handle;
mod manual;
mod sleepers;
mod task;
mod traits;
mod turn;

#[cfg(feature = "runtime")]
mod default;
#[cfg(feature = "smol")]
mod smol;
#[cfg(feature = "runtime")]
mod timer_thread;
#[cfg(feature = "tokio")]
mod tokio;

pub use current::{current, enter, spawn, try_current, EnterGuard};
pub use handle::Handle;
pub use manual::Manual;
pub use traits::{BoxFuture, Runtime, Spawn, Timer};
pub(crate) use turn::Turn;
pub use turn::{yield_now, YieldNow};
