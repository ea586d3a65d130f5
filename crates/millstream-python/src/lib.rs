//! The extension module of millstream's Python package: channels and selects of the engine as Python objects.
//!
//! | part | does |
//! |---|---|
//! | `handle`, `sending`, `receiving`, `halves` | the objects that stand for a channel, and what they can do |
//! | `core`, `ends`, `waiters` | what is behind them, and what the garbage collector sees of a channel |
//! | `operation`, `target`, `targets`, `action` | what is awaited, on which channels: tried at once, then waited for |
//! | `outcome`, `concluded` | how it ended, and how that is told to Python |
//! | `looped`, `waiter` | waiting in a task of an event loop |
//! | `launched`, `started`, `trampoline` | waiting without a task, with a callback |
//! | `call`, `begun`, `future` | operations that begin when they are called, with a future of asyncio's |
//! | `blocking` | waiting on a thread |
//! | `select`, `selected`, `timer` | the first of several |
//! | `chain`, `work`, `next`, `stage`, `awaiting` | one fused chain of steps over any async iterator |
//! | `attached`, `spare` | what is guarded by the interpreter's lock |
//! | `buffer`, `busy`, `iterable` | code of the user's that the engine runs |
//! | `shown` | what the engine holds, and the garbage collector sees all the same |
//! | `fork`, `leaving` | what a forked child may not touch, and the end of the interpreter |
//! | `slots`, `returned`, `waking`, `members`, `awaiting`, `quiet`, `waiter` | the places where Python's C interface is used directly |

mod action;
mod attached;
mod awaiting;
mod begun;
mod blocking;
mod budget;
mod buffer;
mod busy;
mod call;
mod chain;
mod concluded;
mod core;
mod drive;
mod ends;
mod errors;
mod few;
mod fork;
mod future;
mod halves;
mod handle;
mod iterable;
mod iterate;
mod launched;
mod leaving;
mod looped;
mod make;
mod members;
mod next;
mod operation;
mod outcome;
mod patience;
mod quiet;
mod ready;
mod receiving;
mod returned;
mod select;
mod selected;
mod sending;
mod shown;
mod slots;
mod spare;
mod stage;
mod started;
mod stats;
mod target;
mod targets;
mod timer;
mod trampoline;
mod value;
mod waiter;
mod waiters;
mod waking;
mod work;

use pyo3::prelude::*;

#[pymodule(gil_used = true)]
mod _core {
    use pyo3::exceptions::PyImportError;
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::begun::{_begin, Begun};
    #[pymodule_export]
    use crate::call::CallChan;
    #[pymodule_export]
    use crate::chain::Chain;
    #[pymodule_export]
    use crate::fork::_forked;
    #[pymodule_export]
    use crate::future::_adopt_future;
    #[pymodule_export]
    use crate::handle::{Chan, Receiver, Sender};
    #[pymodule_export]
    use crate::leaving::_leaving;
    #[pymodule_export]
    use crate::make::{
        bounded, dropping, pair, promise, rendezvous, select, select_blocking, sliding, unbounded,
        with_buffer,
    };
    #[pymodule_export]
    use crate::operation::Operation;
    #[pymodule_export]
    use crate::selected::Selected;
    #[pymodule_export]
    use crate::stats::Stats;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        // Some of our values are guarded by the interpreter's lock, which may be switched off by force.
        let sys = py.import("sys")?;
        if let Some(has_lock) = sys.getattr_opt("_is_gil_enabled")? {
            if !has_lock.call0()?.is_truthy()? {
                return Err(PyImportError::new_err(
                    "millstream needs the interpreter's global lock: do not switch it off with PYTHON_GIL=0 or -X gil=0",
                ));
            }
        }
        crate::slots::install(py)?;
        let leaving = module.getattr("_leaving")?;
        py.import("atexit")?.call_method1("register", (leaving,))?;
        // Only some systems can fork.
        if let Some(register) = py.import("os")?.getattr_opt("register_at_fork")? {
            let keywords = pyo3::types::PyDict::new(py);
            keywords.set_item("after_in_child", module.getattr("_forked")?)?;
            register.call((), Some(&keywords))?;
        }
        Ok(())
    }
}
