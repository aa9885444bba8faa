//! What a client passes on of the request that it works for.
//!
//! These layers go around a client, anything that is a `Service<http::Request<_>>`: hyper-util's
//! legacy client, a tonic `Channel`, reqwest behind `map_request`.

pub mod correlation_id;
pub mod deadline;
pub mod decode;
