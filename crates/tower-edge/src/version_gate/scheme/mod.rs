//! How versions are written, and which of two is later.

mod any;
mod cal_ver;
mod from_text;
mod number;
mod semver;
mod staged;
mod stages;
mod traits;

pub(super) use self::any::AnyScheme;
pub use self::cal_ver::CalVer;
pub use self::from_text::FromText;
pub use self::semver::SemVer;
pub use self::staged::Staged;
pub use self::stages::{Stages, StagesError};
pub use self::traits::Scheme;
