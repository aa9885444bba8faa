//! The API, the same under every prefix.

mod api;
mod handlers;
mod media;

pub(crate) use self::api::{Api, ROUTES};
pub(crate) use self::handlers::panicked;
