//! Holds a response against what was requested.

mod bodies;
mod fields;
mod flaw;
mod grpc;
mod ids;
mod response;

use self::flaw::Flaw;
pub(crate) use self::grpc::grpc_flaws;
pub(crate) use self::ids::MadeIds;
pub(crate) use self::response::flaws;
