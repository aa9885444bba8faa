//! The metrics of this crate, and their series in a layer.
//!
//! A series is registered when it is first counted, and its handle is kept with the layer. So counting costs no
//! allocation and no look-up in the recorder, and a recorder may be installed after the layer was built.

#[cfg(not(feature = "metrics"))]
mod disabled;
#[cfg(feature = "metrics")]
mod enabled;
#[cfg(feature = "metrics")]
mod labeled;
mod table;

#[cfg(all(
    feature = "client",
    feature = "correlation-id",
    feature = "envelope",
    feature = "metrics",
    feature = "rate-limit",
    feature = "timeout",
    feature = "version-gate"
))]
#[cfg(test)]
mod tests;

#[cfg(not(feature = "metrics"))]
pub(crate) use self::disabled::Series;
#[cfg(feature = "metrics")]
pub(crate) use self::enabled::Series;
#[cfg(feature = "metrics")]
pub(crate) use self::labeled::{Labeled, OTHER};
pub(crate) use self::table::*;
