//! The code that the derive adds.

mod catalog;
mod display;
mod frameworks;
mod implementation;
mod pattern;
mod problem;
mod stubs;

pub(crate) use self::implementation::implementation;
pub(crate) use self::stubs::stubs;
