//! Bugs on purpose: built in with `--cfg millstream_seeded` alone, and switched on one at a time by `ci/selftest`.
//!
//! They are such as real channels had; `ci/seeded.txt` says which, and which gate has to catch each. One build serves
//! them all: the environment variable `MILLSTREAM_SEEDED` names the one that is on. In any other build the question is
//! the constant `false`, and nothing is left of it.

/// Whether the seeded bug of that name is on.
macro_rules! seeded {
    ($bug:literal) => {{
        #[cfg(millstream_seeded)]
        let is_on = {
            static IS_ON: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
            *IS_ON.get_or_init(|| $crate::sync::is_on($bug))
        };
        #[cfg(not(millstream_seeded))]
        let is_on = false;
        is_on
    }};
}

/// The environment is no part of what a model explores, so it is read through std, whatever else is replaced.
#[cfg(millstream_seeded)]
pub(crate) fn is_on(bug: &str) -> bool {
    std::env::var_os("MILLSTREAM_SEEDED").is_some_and(|name| name == bug)
}

/// Drops a value that its owner will drop again: the bug that safe code cannot have.
#[cfg(millstream_seeded)]
#[allow(unsafe_code)]
pub(crate) fn drop_a_copy<T>(value: &T) {
    // SAFETY: none. This is undefined behaviour on purpose, for the gates to find.
    drop(unsafe { std::ptr::read(value) });
}

#[cfg(not(millstream_seeded))]
pub(crate) fn drop_a_copy<T>(_value: &T) {}
