//! Whether a layer of this crate sends deadlines upstream.

/// If so, a limit on the time to a head is the current deadline of the services inside. Otherwise that would cost each
/// request a reading of the clock for nothing.
pub(crate) const SENDS_DEADLINES: bool = cfg!(feature = "client");
