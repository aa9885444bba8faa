//! The API, the same under every prefix.

mod api;
mod media;
mod panic;
mod private;
mod upstream;

pub(crate) use self::api::Api;
pub(crate) use self::panic::panicked;
