//! How versions are written, and which of two is later.

mod app_version;
mod number;
mod semver;
mod staged;

pub use self::app_version::AppVersion;
pub use self::semver::SemVer;
pub use self::staged::Staged;
