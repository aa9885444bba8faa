//! Whether something of this crate sends deadlines upstream.

/// With it, a limit on the time to a head is the current deadline of what is inside. Without, that would cost each
/// request a reading of the clock for nothing.
pub(crate) const SENDS_DEADLINES: bool = cfg!(feature = "client");
