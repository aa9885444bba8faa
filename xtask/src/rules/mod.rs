//! `cargo xtask rules`: what the house style forbids and neither rustc nor clippy knows.
//!
//! Each rule looks at one file and says where it is broken. Comments and literals are blanked before a rule looks for
//! words, so that a file may write about what it must not do.

mod blank;
mod facade;
mod run;
mod siblings;
mod source;
mod words;

pub(crate) use run::run;
