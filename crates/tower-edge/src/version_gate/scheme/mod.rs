//! How versions are written, and which of two is later.

mod semver;
mod staged;

pub use self::semver::SemVer;
pub use self::staged::Staged;

use super::ParseVersionError;
