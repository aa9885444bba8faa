//! Types for an API that defines its own errors: a catalogue, error codes, and what a problem holds about one
//! request.
//!
//! An error is a [`Definition`], a row of a [`Catalog`], which [`catalog!`] makes. It has a key and a [`Kind`](crate::Kind). It may set a
//! status, a message and a [`Code`] that differ from the kind's. A [`Problem`](crate::Problem) made from it adds the
//! data of one request: [details](Detail), [field errors](FieldError), and the [facts](Facts) of the layer that
//! rejected it. [`Definition::with_details`] says who may see which.
//!
//! ```
//! use tower_edge::problem::{Definition, DetailDefinition, DetailType, FieldError, Visibility, catalog};
//! use tower_edge::{Kind, Problem};
//!
//! catalog! {
//!     /// The errors of the media API, in the order of its reference.
//!     pub static ERRORS;
//!
//!     /// No such title.
//!     pub const MEDIA_MISSING = Definition::new("media_missing", Kind::NotFound)
//!         .with_message("No such title")
//!         .with_details(&[DetailDefinition::new("shard", DetailType::Any).with_visibility(Visibility::Development)]);
//!     /// Fields that are not valid.
//!     pub const MEDIA_INVALID = Definition::new("media_invalid", Kind::Validation);
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

pub use tower_edge_core::problem::{
    Detail, Facts, FieldError, Phase, RateLimitFacts, TimeoutFacts, VersionFacts, truncate,
};
pub use tower_edge_core::{
    Catalog, CatalogError, Code, Definition, DetailDefinition, DetailType, ErrorId, Exposure,
    GrpcCode, Level, Retry, Visibility, catalog,
};

#[cfg(feature = "derive")]
#[doc(inline)]
pub use crate::derive::ApiError;
