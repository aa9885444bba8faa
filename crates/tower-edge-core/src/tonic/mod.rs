//! Conversions between problems and tonic's statuses.

mod from_status;
mod to_status;
