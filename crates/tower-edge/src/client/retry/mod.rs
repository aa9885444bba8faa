//! Sends a request again that an upstream refused, or that did not reach it.

mod announced;
mod attempts;
mod body;
mod layer;
mod pace;
mod service;

pub use self::body::ReplayBody;
pub use self::layer::RetryLayer;
pub use self::service::{ResponseFuture, Retry};
