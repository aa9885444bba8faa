//! Where in a request a client states its version and its platform.
//!
//! ```
//! use http::Request;
//! use tower_edge::Head;
//! use tower_edge::version_gate::extract::{ExtractedVersion, Header, Query, VersionExtractor};
//!
//! let extractor = Header::default().or(Query::new("client_version"));
//!
//! let request = Request::get("/events?client_version=1.4.0").body(())?;
//! assert_eq!(extractor.extract(Head::from(&request)), ExtractedVersion::from("1.4.0"));
//! # Ok::<(), http::Error>(())
//! ```
//!
//! An empty version counts as missing. A version that is stated twice is malformed, since two servers may read
//! different ones. None of this is proof: a client can state any version.

mod extractor;
mod header;
mod media_type;
mod path_segment;
mod query;
mod user_agent;

pub use self::extractor::{ExtractedVersion, Or, VersionExtractor};
pub use self::header::Header;
pub use self::media_type::MediaType;
pub use self::path_segment::PathSegment;
pub use self::query::Query;
pub use self::user_agent::UserAgent;
