//! What the fuzz targets share. `cargo xtask fuzz` builds them for the stable toolchain and runs each
//! for ten seconds; a longer run is in the usage of any of the programs, `-help=1`.
//!
//! Each target feeds one parser of what comes from outside, and asserts what holds whatever came.

mod request;

pub use self::request::{answer, head, lines};
