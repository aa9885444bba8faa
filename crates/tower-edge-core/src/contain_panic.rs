//! Code of others that runs while something of ours is dropped.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs what logs, counts, calls a hook or drops a value of somebody else in a `Drop` of ours; if it panics,
/// the panic ends here.
///
/// A panic that leaves a `Drop` takes a connection down with all that is on it, and one that leaves it while
/// another unwinds aborts the process.
pub fn contain_panic(run: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(run)) {
        // What was thrown may itself panic when it is dropped.
        std::mem::forget(payload);
    }
}
