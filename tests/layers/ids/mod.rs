//! Correlation ids: which one a request goes by, and where it is known.

mod ask;
mod boundary;
mod choice;
mod client;
mod context;
mod problems;
mod properties;
mod regressions;
mod span;
mod trace_context;
