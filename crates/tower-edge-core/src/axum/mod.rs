//! Conversions between problems and the rejections and responses of axum.

mod correlation_id;
mod path;
pub(crate) mod rejection;
mod response;
mod serde_message;
