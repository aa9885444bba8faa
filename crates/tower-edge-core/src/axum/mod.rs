//! Conversions from and to what axum has for errors.

mod correlation_id;
mod path;
pub(crate) mod rejection;
mod response;
mod serde_message;
