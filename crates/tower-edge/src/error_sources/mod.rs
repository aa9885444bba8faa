//! Classifies the errors of other crates: a module and a feature for each.

#[cfg(any(feature = "client", feature = "h2", feature = "tonic"))]
mod cancelled;
mod classify;
#[cfg(feature = "client")]
mod client;
mod failure;
#[cfg(feature = "h2")]
mod h2;
#[cfg(feature = "hyper-util")]
mod hyper_util;
#[cfg(feature = "reqwest")]
mod reqwest;
mod tokio;
#[cfg(feature = "tonic")]
mod tonic;
#[cfg(all(feature = "client", feature = "tonic"))]
mod tonic_status;
#[cfg(feature = "tower")]
mod tower;

#[cfg(feature = "client")]
pub(crate) use self::cancelled::is_late_by;
#[cfg(feature = "envelope")]
pub(crate) use self::classify::{classify, problem_in};
pub use self::failure::UpstreamFailure;
#[cfg(feature = "client")]
pub(crate) use self::failure::is_of_connecting;
#[cfg(feature = "envelope")]
pub(crate) use self::failure::of_io;
#[cfg(any(feature = "server", feature = "timeout"))]
pub(crate) use self::failure::of_request_body;
