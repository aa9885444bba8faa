//! Logs and counters. Without the features `tracing` and `metrics` they do nothing. The `cfg` of these features are in
//! this module alone.

mod count;

pub(crate) use self::count::{Counted, OpenBreakers};
use crate::RedisStoreError;

/// Whether anything is logged.
pub(crate) const LOGS: bool = cfg!(feature = "tracing");

/// Logs that the server is lost, with the error and its source, which displays its own causes. Neither contains the
/// server's URL or its credentials.
pub(crate) fn log_lost(error: &RedisStoreError) {
    #[cfg(feature = "tracing")]
    {
        let source = std::error::Error::source(error);
        let source = source.map_or_else(String::new, |source| format!(": {source}"));
        tracing::warn!(
            target: "tower_edge_redis",
            {
                exception.message = %format_args!("{error}{source}"),
            },
            "the Redis server is lost: limits are not shared until it is back"
        );
    }
    #[cfg(not(feature = "tracing"))]
    let _ = error;
}

/// Logs that the server is back.
pub(crate) fn log_back() {
    #[cfg(feature = "tracing")]
    tracing::info!(target: "tower_edge_redis", "the Redis server is back: limits are shared again");
}
