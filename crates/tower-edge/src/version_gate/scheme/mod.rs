//! How versions are written, and which of two is later.

mod cal_ver;
mod number;
mod semver;
mod staged;
mod stages;
mod traits;

pub use self::cal_ver::CalVer;
pub use self::semver::SemVer;
pub use self::staged::Staged;
pub use self::stages::{Stages, StagesError};
pub(super) use self::traits::AnyScheme;
pub use self::traits::{FromText, Scheme};
