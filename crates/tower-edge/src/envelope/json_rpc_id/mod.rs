//! Finds the ids of JSON-RPC requests for an envelope further in.

mod layer;
mod tee_body;

pub use self::layer::{JsonRpcIdLayer, JsonRpcIdService};
pub(super) use self::tee_body::RequestIds;
pub use self::tee_body::TeeBody;
