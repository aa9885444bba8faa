//! What the fuzz targets share. `cargo fuzz run --sanitizer none TARGET` runs one on the stable toolchain until it fails;
//! `.ci/run fuzz` runs each for ten seconds, and `cargo xtask fuzz MINUTES` all of them for that long.
//!
//! Each target feeds one parser of what comes from outside, or a server with all layers, and asserts what holds whatever
//! came.

mod http_1;
mod http_2;
mod request;
mod sound;
mod stack;

pub use self::http_1::assert_http_1;
pub use self::http_2::{assert_http_2, frames};
pub use self::request::{head, lines, resolved};
pub use self::stack::{SECRET, exchange};
