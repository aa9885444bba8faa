//! Logs and counters, as tests see them.

#[cfg(feature = "metrics")]
pub(crate) mod count;
#[cfg(any(feature = "server", feature = "tracing"))]
pub(crate) mod log;
