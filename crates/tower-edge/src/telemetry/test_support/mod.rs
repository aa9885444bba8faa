//! Reads logs and counters in tests.

#[cfg(feature = "metrics")]
pub(crate) mod count;
#[cfg(any(feature = "server", feature = "tracing"))]
pub(crate) mod log;
