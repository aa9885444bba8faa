//! Types for an API that defines its own errors: a catalogue, error codes, and what a problem holds about one
//! request.
//!
//! An error is a [`Definition`], a row of a [`Catalog`]. It has a key and a [`Kind`](crate::Kind). It may set a
//! status, a message and a [`Code`] that differ from the kind's. A [`Problem`](crate::Problem) made from it adds the
//! data of one request: [details](Detail), [field errors](FieldError), and the [facts](Facts) of the layer that
//! rejected it. A detail listed as [`DetailField::development`] is sent only under [`Exposure::Development`].
//!
//! ```
//! use tower_edge::problem::{Catalog, Definition, DetailField, FieldError, Visibility};
//! use tower_edge::{Kind, Problem};
//!
//! static ERRORS: [Definition; 2] = [
//!     Definition::new("media_missing", Kind::NotFound)
//!         .with_message("No such title")
//!         .with_details(&[DetailField::development("shard")]),
//!     Definition::new("media_invalid", Kind::Validation),
//! ];
//!
//! let catalog = Catalog::new(&ERRORS)?;
//! let missing = Problem::from(&ERRORS[0]).with_detail("shard", 7);
//! let invalid = Problem::new(Kind::Validation)
//!     .with_field_error(FieldError::new("tmdbId", "must be a positive integer"));
//!
//! assert_eq!(missing.status(), 404);
//! assert_eq!(ERRORS[0].visibility("shard"), Visibility::Development);
//! assert_eq!(catalog.definition_of(&invalid).map(Definition::key), Some("media_invalid"));
//! # Ok::<(), tower_edge::problem::CatalogError>(())
//! ```

pub use tower_edge_core::problem::{
    Detail, Facts, FieldError, Phase, RateLimitFacts, TimeoutFacts, VersionFacts, truncate,
};
pub use tower_edge_core::{
    Catalog, CatalogError, Code, Definition, DetailField, ErrorId, Exposure, GrpcCode, Level,
    Retry, Visibility,
};
