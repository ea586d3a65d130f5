//! Calling Python where an exception may be on its way already.

use pyo3::ffi;
use pyo3::Python;
use std::marker::PhantomData;

/// Puts an exception that is on its way aside while this lives.
///
/// A wake-up may be due in the middle of an object's deallocation, while an exception unwinds: code that is called then
/// must neither see it nor lose it.
pub(crate) struct Quiet<'py> {
    kind: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
    traceback: *mut ffi::PyObject,
    attached: PhantomData<Python<'py>>,
}

impl<'py> Quiet<'py> {
    #[allow(deprecated)] // The call that replaces it came with Python 3.12.
    pub(crate) fn new(_py: Python<'py>) -> Self {
        let mut quiet = Quiet {
            kind: std::ptr::null_mut(),
            value: std::ptr::null_mut(),
            traceback: std::ptr::null_mut(),
            attached: PhantomData,
        };
        // SAFETY: the thread is attached, and the three references are handed over to us.
        unsafe { ffi::PyErr_Fetch(&mut quiet.kind, &mut quiet.value, &mut quiet.traceback) };
        quiet
    }
}

impl Drop for Quiet<'_> {
    #[allow(deprecated)]
    fn drop(&mut self) {
        if !self.kind.is_null() {
            // SAFETY: the thread is still attached, as the lifetime says, and the references are handed back.
            unsafe { ffi::PyErr_Restore(self.kind, self.value, self.traceback) };
        }
    }
}
