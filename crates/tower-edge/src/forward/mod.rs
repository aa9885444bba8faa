//! What a proxy does to header fields and paths before a request goes upstream.
//!
//! ```
//! use http::{HeaderMap, HeaderName, HeaderValue};
//! use tower_edge::forward::RequestFields;
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("connection", HeaderValue::from_static("keep-alive, x-mine"));
//! headers.insert("x-mine", HeaderValue::from_static("1"));
//! headers.insert("x-real-ip", HeaderValue::from_static("203.0.113.9"));
//! headers.insert("x-tenant", HeaderValue::from_static("acme"));
//!
//! let fields = RequestFields::new().allow(HeaderName::from_static("x-tenant"));
//! fields.retain(&mut headers);
//!
//! assert_eq!(headers.keys().collect::<Vec<_>>(), ["x-tenant"]);
//! ```

mod fields;
mod hop_by_hop;
mod join;
mod path;
mod via;

pub use self::fields::RequestFields;
pub use self::hop_by_hop::remove_hop_by_hop;
pub use self::path::join_path;
pub use self::via::InvalidPseudonym;
pub use self::via::Via;
