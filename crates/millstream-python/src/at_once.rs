//! Puts and gets that need not wait: what is left of an operation without everything that is rarer.

use crate::action::Action;
use crate::budget;
use crate::operation::{Operation, State, SPARES};
use crate::slots::Look;
use crate::targets::Targets;
use millstream::{TryRecvError, TrySendError};
use pyo3::prelude::*;
use std::ptr;

impl Operation {
    /// Puts or gets, if that is what it does and it has not begun. Whatever else there is to be said of it, `step` says.
    #[inline(always)]
    pub(crate) fn at_once(slf: &Bound<'_, Self>) -> Look {
        let py = slf.py();
        let this = slf.get();
        let taken = this.state.update(py, |state| {
            let State::New(Targets::One(target), action) = &*state else {
                return None;
            };
            let is_simple = matches!(action, Action::Get | Action::Next(None) | Action::Put(_));
            if !is_simple || !target.is_plain(py) || !budget::count(py) {
                return None;
            }
            // SAFETY: what is read is moved: it is overwritten here, and not dropped there.
            unsafe {
                let taken = (ptr::read(target), ptr::read(action));
                ptr::write(state, State::Spent);
                Some(taken)
            }
        });
        // Whoever comes to it while this is under way finds it spent.
        let Some((target, action)) = taken else {
            return Look::Unknown;
        };
        let tried = match action {
            Action::Put(value) => {
                match target.with_plain_ends(py, |ends| ends.sender().try_send(value)) {
                    Ok(()) => Ok(py.None()),
                    Err(TrySendError::Full(value)) => Err((Action::Put(value), Look::Waits)),
                    Err(TrySendError::Closed(value)) => Err((Action::Put(value), Look::Unknown)),
                }
            }
            get => match target.with_plain_ends(py, |ends| ends.receiver().try_recv()) {
                Ok(value) => Ok(value.into_object()),
                Err(TryRecvError::Empty) => Err((get, Look::Waits)),
                Err(TryRecvError::Closed) => Err((get, Look::Unknown)),
            },
        };
        match tried {
            Ok(value) => {
                SPARES.offer(py, || slf.clone().unbind());
                target.let_go(py);
                Look::Returns(value)
            }
            Err((action, look)) => {
                this.state.update(py, |state| {
                    // SAFETY: what is overwritten has nothing to be dropped.
                    unsafe { ptr::write(state, State::New(Targets::One(target), action)) };
                });
                look
            }
        }
    }
}
