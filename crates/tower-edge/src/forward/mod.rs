//! What a proxy does to the header fields of a request before it goes upstream.
//!
//! [`TraceContext::remove_invalid`](tower_edge_core::TraceContext::remove_invalid) does the same to a trace
//! that is not valid.
//!
//! ```
//! use http::{HeaderMap, HeaderValue};
//! use tower_edge::forward;
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("connection", HeaderValue::from_static("keep-alive, x-mine"));
//! headers.insert("x-mine", HeaderValue::from_static("1"));
//! headers.insert("x-yours", HeaderValue::from_static("2"));
//!
//! forward::remove_hop_by_hop(&mut headers);
//!
//! assert_eq!(headers.keys().collect::<Vec<_>>(), ["x-yours"]);
//! ```

mod hop_by_hop;

pub use self::hop_by_hop::remove_hop_by_hop;
