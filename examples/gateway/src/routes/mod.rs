//! The API, the same under every prefix.

mod api;
mod handlers;
mod media;
mod panic;
mod template;

pub(crate) use self::api::Api;
pub(crate) use self::panic::panicked;
pub(crate) use self::template::template;
