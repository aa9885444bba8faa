//! The id of a request: what it may look like, who makes it, and how code far from the request asks
//! for it.

mod client;
mod error;
mod generate;
mod id;
mod scope;

pub use self::client::ClientCorrelationId;
pub use self::error::InvalidCorrelationId;
pub use self::generate::GenerateId;
pub use self::id::CorrelationId;
pub use self::scope::RequestScope;
