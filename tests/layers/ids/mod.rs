//! Correlation ids: which one a request goes by, and where it is known.

mod ask;
mod choice;
mod client;
mod problems;
mod properties;
mod regressions;
mod scope;
mod span;
