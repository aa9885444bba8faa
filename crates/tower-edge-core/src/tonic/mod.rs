//! Conversions between problems and tonic's statuses.

mod of_status;
mod to_status;
