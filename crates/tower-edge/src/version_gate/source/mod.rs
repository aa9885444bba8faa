//! Where in a request a client names its version and its platform.

mod header;
mod path_segment;
mod query;
mod traits;
mod user_agent;

pub use self::header::Header;
pub use self::path_segment::PathSegment;
pub use self::query::Query;
pub use self::traits::{Chain, Claim, Source};
pub use self::user_agent::UserAgent;
