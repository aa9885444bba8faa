//! The error reference of an API, from its catalogue and its formats: a page, schemas and types.
//!
//! A [`Reference`] writes problems of each row in each format, as the envelope does in production. So it describes the
//! bodies that the format really writes, even for a format of your own.
//!
//! | output | for |
//! |---|---|
//! | [`to_markdown`](Reference::to_markdown), [`to_html`](Reference::to_html) | people |
//! | [`to_json_schema`](Reference::to_json_schema) | validators of bodies |
//! | [`to_openapi`](Reference::to_openapi), [`add_to_openapi`](Reference::add_to_openapi) | the document of the API |
//! | [`to_responses`](Reference::to_responses), [`into_responses!`], [`operation_output!`] | an operation in it, by utoipa or aide |
//! | [`to_typescript`](Reference::to_typescript) | clients |
//!
//! Each output is the same in each run, so you can commit it. A test fails when the file is stale. This one can also
//! rewrite it:
//!
//! ```no_run
//! # use tower_edge::{Kind, problem::{Definition, catalog}, reference::Reference};
//! # use tower_edge_formats::PlexMcp;
//! # catalog! {
//! #     static ERRORS;
//! # }
//! // #[test]
//! fn the_types_are_current() {
//!     let types = Reference::new("Shop API", &ERRORS).with_format(PlexMcp).to_typescript();
//!     if std::env::var_os("UPDATE").is_some() {
//!         std::fs::write("errors.ts", &types).unwrap();
//!     }
//!     assert_eq!(std::fs::read_to_string("errors.ts").unwrap_or_default(), types, "`UPDATE=1 cargo test` rewrites it");
//! }
//! # the_types_are_current();
//! ```

mod code_path;
mod error_json;
mod example;
mod headers;
mod html;
mod json_schema;
mod names;
mod openapi;
mod operation;
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
#[doc(inline)]
pub use crate::{
    reference_into_responses as into_responses, reference_operation_output as operation_output,
};

#[doc(hidden)]
pub use self::operation::read;
