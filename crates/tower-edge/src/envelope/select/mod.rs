//! Ready choices of a format, by what a request says.

mod accept;
mod by_accept;
mod by_path;
mod varied;

pub use self::by_accept::ByAccept;
pub use self::by_path::{ByContentType, ByPath};
pub use self::varied::Varied;
