//! The plots: pictures of what a request and a key cost, and the README's table of the same figures.

mod draw;
mod figures;

pub(crate) use self::figures::run;
