//! What the fuzz targets share. `cargo fuzz run --sanitizer none TARGET` runs one on the stable toolchain until it fails;
//! `.ci/run fuzz` runs each for five seconds.
//!
//! Each target feeds one parser of what comes from outside, and asserts what holds whatever came.

mod request;

pub use self::request::{answer, head, lines};
