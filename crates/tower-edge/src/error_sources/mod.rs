//! Classifies the errors of other crates: a module and a feature for each.

mod classify;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "h2")]
mod h2;
#[cfg(feature = "hyper-util")]
mod hyper_util;
#[cfg(feature = "reqwest")]
mod reqwest;
mod tokio;
#[cfg(feature = "tonic")]
mod tonic;
#[cfg(feature = "tower")]
mod tower;

pub(crate) use self::classify::{classify, problem_in};
