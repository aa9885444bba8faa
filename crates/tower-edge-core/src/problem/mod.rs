//! What went wrong with one request, before a format writes it.
//!
//! A [`Problem`] describes what happened in typed parts: a [`Kind`](crate::Kind) or a row of a catalogue, details,
//! field errors, and the [facts](Facts) of the rejecting layer. It travels in the extensions of a response whose body
//! is empty, and an envelope writes it in the client's format.
//!
//! ```
//! use std::time::Duration;
//!
//! use tower_edge_core::{Kind, Problem};
//! use tower_edge_core::problem::FieldError;
//!
//! let problem = Problem::new(Kind::Validation)
//!     .with_field_error(FieldError::new("tmdbId", "must be a positive integer").with_value("-1"))
//!     .with_retry_after(Duration::from_millis(1500));
//!
//! assert_eq!(problem.field_errors()[0].field(), "tmdbId");
//! assert_eq!(problem.into_empty_response::<String>().headers()["retry-after"], "2");
//! ```

mod detail;
mod error_id;
mod error_info;
mod facts;
mod field_error;
mod message;
#[expect(
    clippy::module_inception,
    reason = "the type that the folder is about has a file of its own"
)]
mod problem;
mod response;
mod unrendered;

pub use self::detail::Detail;
pub use self::error_id::ErrorId;
pub use self::facts::{Facts, Phase, RateLimitFacts, TimeoutFacts, VersionFacts};
pub use self::field_error::FieldError;
pub use self::message::truncate;
pub use self::problem::Problem;
