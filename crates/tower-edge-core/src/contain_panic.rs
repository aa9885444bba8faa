//! Code of others that runs while something of theirs is dropped.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

/// Drops what is somebody else's; if that panics, the panic ends here.
pub(crate) fn contain_panic(run: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(run)) {
        // What was thrown may itself panic when it is dropped.
        std::mem::forget(payload);
    }
}
