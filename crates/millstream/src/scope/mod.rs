//! Structured concurrency: a scope owns the tasks started in it, and they end before it does.
//!
//! [`scope`] runs a body and hands it a [`Scope`] to start tasks with. The scope's future ends when the body and all
//! tasks have ended, with the body's result, or with the first thing that went wrong.
//!
//! | What happens | What the scope does |
//! |---|---|
//! | the body returns `Ok` | it waits for the tasks, then gives the body's value |
//! | the body or a task returns `Err` | it cancels the rest, waits until they are gone, then gives the first error |
//! | the body or a task panics | the same, and the panic comes out of the scope's future |
//! | [`cancel`](Spawner::cancel) | it cancels the tasks; the body goes on, and its result is the scope's |
//! | the scope's future is dropped | it cancels everything, and cannot wait; see [Dropping a scope](#dropping-a-scope) |
//!
//! # Three ways to start something
//!
//! - [`spawn`](Spawner::spawn) starts a task on the current [`runtime`](crate::runtime). It runs in parallel with the others and
//!   therefore owns what it uses (`'static`): a spawned task that borrowed from its surroundings could outlive them,
//!   because any future can be leaked, and only blocking a thread in a destructor would prevent that.
//! - [`attach`](Scope::attach) runs a future on the scope's own task, beside the body. It may borrow whatever outlives the
//!   scope. What is attached takes turns; it does not run in parallel.
//! - [`spawn_cooperative`](Spawner::spawn_cooperative) starts a task that a cancellation tells instead of dropping it.
//!
//! # Cancellation
//!
//! A cancelled task's future is dropped: it ends at the `.await` where it is. The task itself does that, when its
//! runtime polls it next, which the cancellation has it do at once. A poll that is under way on another thread goes on
//! to its next `.await` first; and the scope waits for that, so when the scope's future is ready, no destructor of any
//! task is left to run. Whoever has something to finish is started by [`spawn_cooperative`](Spawner::spawn_cooperative), waits for
//! [`cancelled`](Spawner::cancelled) in a `select!`, and ends by itself; [`grace`](ScopeFuture::grace) limits how long it has.
//!
//! # Dropping a scope
//!
//! A destructor cannot await. If a scope's future is dropped before it has ended, then its body and what was attached
//! are dropped there and then, and every spawned task, cooperative or not, is dropped when its runtime polls it next,
//! which is asked for at once; no user code of a task runs after that but its destructors, except for the rest of a poll
//! that was under way. Where the dropped scope was itself part of a scope, in its body or in a task of it, the outer
//! scope waits for these tasks too, so it still ends last.
//!
//! Tasks started by [`runtime::spawn`](crate::runtime::spawn) and not through the scope belong to nobody and are not
//! waited for.
//!
//! # Threads
//!
//! There is no scope for threads here, because the standard library has it: [`std::thread::scope`] lets threads borrow,
//! joins them all, and passes panics on. With it, cancel by closing a channel that the threads receive from.
//!
//! # Where it comes from
//!
//! The seeds leave their tasks to the garbage collector: a hundred abandoned aiochan pipelines are two hundred tasks
//! that stay. The shape is that of Trio's nurseries and of `std::thread::scope`.
//!
//! # Examples
//!
//! ```
//! use millstream::scope::scope;
//!
//! # millstream::block_on(async {
//! let (tx, rx) = millstream::bounded(4);
//! let sum = scope(|s| async move {
//!     for part in 0..3 {
//!         let tx = tx.clone();
//!         s.spawn(async move { tx.send(part * 10).await });
//!     }
//!     drop(tx);
//!     let mut sum = 0;
//!     while let Ok(value) = rx.recv().await {
//!         sum += value;
//!     }
//!     Ok(sum)
//! })
//! .await;
//! assert_eq!(sum, Ok(30));
//! # });
//! ```

mod attached;
mod core;
mod future;
mod handle;
mod member;
mod nesting;
mod task;

pub use future::{scope, ScopeFuture};
pub use handle::{Scope, Spawner};
pub use task::{Cancelled, Task};
