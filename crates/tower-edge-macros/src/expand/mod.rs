//! The code that the derive adds.

mod catalog;
mod display;
mod frameworks;
mod implementation;
mod pattern;
mod problem;

pub(crate) use self::implementation::implementation;
