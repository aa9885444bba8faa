//! What a client passes on of the request that it works for.

pub mod deadline;
//! Tells upstreams what is known of the request that they are asked on behalf of.
//!
//! These layers go around a client, anything that is a `Service<http::Request<_>>`: hyper-util's
//! legacy client, a tonic `Channel`, reqwest behind `map_request`.

pub mod correlation_id;
