//! Types for an API that defines its own errors: a catalogue, error codes, and what a problem holds about one
//! request.
//!
//! ```
//! use tower_edge::problem::{FieldError, Visibility, catalog};
//! use tower_edge::{Kind, Problem};
//!
//! catalog! {
//!     /// The errors of the media API, in the order of its reference.
//!     pub static ERRORS;
//!
//!     /// The title was removed, or never existed.
//!     #[api(NotFound, message = "No such title", fix = "Search for the title", development(shard: integer))]
//!     pub const MEDIA_MISSING;
//!     /// A field has a value that the API does not take.
//!     #[api(Validation)]
//!     pub const MEDIA_INVALID;
//! }
//!
//! let missing = Problem::from(&MEDIA_MISSING).with_detail("shard", 7);
//! let invalid = Problem::new(Kind::Validation)
//!     .with_field_error(FieldError::new("tmdbId", "must be a positive integer"));
//!
//! assert_eq!(missing.status(), 404);
//! assert_eq!(MEDIA_MISSING.visibility("shard"), Visibility::Development);
//! assert_eq!(ERRORS.definition_of(&invalid), Some(&MEDIA_INVALID));
//! ```
//!
//! An error is a [`Definition`]: a row of a [`Catalog`], which [`catalog!`] makes. A row has a key and a
//! [`Kind`](crate::Kind). It may set a status, a message and a [`Code`] other than the kind's, and which details
//! clients see. A [`Problem`](crate::Problem) made from the row adds the data of one request: [details](Detail), [field
//! errors](FieldError), and the [facts](Facts) of the layer that rejected it.
//!
//! For a reference that includes the errors of the layers, merge the catalogue with [`LAYERS`].

pub use tower_edge_core::problem::{
    Detail, Facts, FieldError, Phase, RateLimitFacts, TimeoutFacts, VersionFacts, truncate,
};
pub use tower_edge_core::{
    Catalog, CatalogError, Code, Definition, DetailDefinition, DetailType, ErrorId, Exposure,
    GrpcCode, LAYERS, Level, Retry, Visibility, catalog,
};

#[cfg(feature = "derive")]
#[doc(inline)]
pub use crate::derive::ApiError;
