//! Settings of layers in a configuration file.

mod enforcement;
#[cfg(feature = "rate-limit")]
mod limits;
#[cfg(feature = "version-gate")]
mod version_policy;
