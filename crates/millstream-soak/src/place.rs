//! Where the members of a run work: on a thread, or as a task of one of three runtimes.

use crate::waker::Census;
use millstream::runtime::{BoxFuture, Handle, Spawn, Timer};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Thread,
    BuiltIn,
    Tokio,
    Smol,
}

impl Place {
    pub const ALL: [Place; 4] = [Place::Thread, Place::BuiltIn, Place::Tokio, Place::Smol];

    /// The runtime of this place, which counts the tasks that are spawned through it: our own, those that the engine
    /// spawns for us, and those that these spawn in turn.
    pub fn runtime(self, tasks: &Arc<Census>) -> Handle {
        let inner = match self {
            Place::Thread | Place::BuiltIn => Handle::built_in(),
            Place::Tokio => Handle::tokio(tokio().handle().clone()),
            Place::Smol => Handle::smol(),
        };
        Handle::new(Counting {
            inner,
            tasks: tasks.clone(),
        })
    }
}

/// The one tokio runtime of this process.
fn tokio() -> &'static tokio::runtime::Runtime {
    static TOKIO: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    TOKIO.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build()
            .expect("a tokio runtime")
    })
}

struct Counting {
    inner: Handle,
    tasks: Arc<Census>,
}

impl Spawn for Counting {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        let counted = self.tasks.count();
        self.inner.spawn(async move {
            task.await;
            drop(counted);
        });
    }
}

impl Timer for Counting {
    fn now(&self) -> Instant {
        self.inner.now()
    }

    fn sleep_until(&self, deadline: Instant) -> BoxFuture<'static, ()> {
        self.inner.sleep_until(deadline)
    }
}
