//! A node that serves gRPC: a limit for each address, and the version of the client in `Accept`.

pub mod after;
pub mod before;

mod handlers;
