//! What a client passes on of the request that it works for.

pub mod deadline;
