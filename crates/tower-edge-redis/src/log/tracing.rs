use std::error::Error;
use std::fmt;

use crate::RedisStoreError;

/// Whether anything is logged here.
pub(crate) const ENABLED: bool = true;

pub(crate) fn lost(error: &RedisStoreError) {
    let error = Why(error);
    tracing::warn!(%error, "the Redis server is lost: limits are not shared until it is back");
}

pub(crate) fn back() {
    tracing::info!("the Redis server is back: limits are shared again");
}

/// An error and its source, which says itself what its own is. Neither has the server's URL or its
/// credentials.
struct Why<'a>(&'a RedisStoreError);

impl fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.source() {
            Some(source) => write!(f, "{}: {source}", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}
