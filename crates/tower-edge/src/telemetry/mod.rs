//! What operators see: log events, spans and counters.
//!
//! Nothing else in this crate logs or counts; `server::LogWriter` writes what a subscriber formats. If a feature is
//! off, the functions here do nothing, and `let _ =` names the arguments that are then unused. The targets of log
//! events are public names that do not change; the docs of the crate list them.

#[cfg(all(feature = "rate-limit", feature = "tracing"))]
#[cfg(test)]
mod client_address;
#[cfg(any(feature = "client", feature = "correlation-id"))]
pub(crate) mod correlation_id;
#[cfg(any(
    feature = "client",
    feature = "correlation-id",
    feature = "envelope",
    feature = "metrics",
    feature = "rate-limit",
    feature = "timeout",
    feature = "version-gate"
))]
pub(crate) mod count;
#[cfg(any(
    feature = "correlation-id",
    feature = "envelope",
    feature = "metrics",
    feature = "rate-limit",
    feature = "server",
    feature = "timeout",
    feature = "version-gate"
))]
pub(crate) mod driver;
#[cfg(feature = "envelope")]
pub(crate) mod envelope;
#[cfg(feature = "rate-limit")]
pub(crate) mod rate_limit;
#[cfg(feature = "metrics")]
pub(crate) mod request;
#[cfg(feature = "client")]
pub(crate) mod retry;
#[cfg(feature = "server")]
pub(crate) mod server;
#[cfg(feature = "correlation-id")]
pub(crate) mod span;
#[cfg(any(feature = "client", feature = "timeout"))]
pub(crate) mod timeout;
#[cfg(feature = "version-gate")]
pub(crate) mod version_gate;

#[cfg(all(feature = "metrics", feature = "client", feature = "timeout"))]
#[cfg(test)]
mod layer_timeouts;
#[cfg(all(
    feature = "correlation-id",
    feature = "envelope",
    feature = "rate-limit",
    feature = "tracing",
    feature = "version-gate"
))]
#[cfg(test)]
mod line_length;
#[cfg(all(
    feature = "correlation-id",
    feature = "envelope",
    feature = "metrics",
    feature = "rate-limit",
    feature = "server",
    feature = "timeout",
    feature = "tracing",
    feature = "version-gate"
))]
#[cfg(test)]
mod secrets;
#[cfg(test)]
pub(crate) mod test_support;
