//! Logs and counters, as tests see them.

#[cfg(feature = "metrics")]
mod count;
#[cfg(any(feature = "server", feature = "tracing"))]
mod log;

#[cfg(feature = "metrics")]
pub(crate) use self::count::Counted;
#[cfg(any(feature = "server", feature = "tracing"))]
pub(crate) use self::log::{logged, warnings, with_broken_subscriber};
