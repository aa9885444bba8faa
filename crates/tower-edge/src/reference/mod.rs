//! The error reference of an API, from its catalogue and its formats.
//!
//! A [`Reference`] writes a problem of each row in each format, as the envelope would. What it says of a format is so
//! what the format writes, whoever has written the format.

mod error_json;
mod example;
mod headers;
mod html;
mod json_schema;
mod names;
mod openapi;
#[expect(
    clippy::module_inception,
    reason = "the type that the folder is about has a file of its own"
)]
mod reference;
mod samples;
mod shape;
mod typescript;
mod variants;

pub use self::reference::Reference;
