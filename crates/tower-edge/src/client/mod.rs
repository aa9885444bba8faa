//! What a service needs that calls others: it passes ids and deadlines on, sends requests again and reads errors.
//!
//! These layers go around a client, anything that is a `Service<http::Request<_>>`: hyper-util's
//! legacy client, a tonic `Channel`, reqwest behind `map_request`. [`decode`](mod@decode) reads the errors that upstreams
//! respond with.

pub mod correlation_id;
pub mod deadline;
pub mod decode;
pub mod retry;

pub use tower_edge_core::http_ext::retry_after;

pub use crate::error_sources::UpstreamFailure;
