//! The API, the same under every prefix.

mod api;
mod media;
mod panic;
mod router;

pub(crate) use self::api::Api;
pub(crate) use self::router::of;
