//! Conversions from and to what axum has for errors.

mod path;
mod rejection;
mod response;
mod said;
