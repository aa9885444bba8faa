//! Counts the rate limits of [tower-edge](https://docs.rs/tower-edge) in Redis or Valkey, so that many
//! machines share them.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod asking;
mod breaker;
mod charged_by;
#[cfg(feature = "metrics")]
#[path = "count_store/metrics.rs"]
mod count_store;
#[cfg(not(feature = "metrics"))]
#[path = "count_store/nothing.rs"]
mod count_store;
mod counters;
mod deny_cache;
mod error;
mod future;
mod giving_back;
mod key_name;
mod key_secret;
mod lease;
mod leases;
mod line;
mod memory;
mod moment;
mod on_store_error;
mod pace;
mod queue;
mod reply;
mod request;
mod script;
mod server;
mod server_clock;
mod settings;
mod shares;
mod slots;
mod store;
mod table;
#[cfg(test)]
mod test_server;
mod test_time;
mod without_server;

pub use self::breaker::BreakerState;
pub use self::counters::Counters;
pub use self::error::RedisStoreError;
pub use self::future::DecisionFuture;
pub use self::key_name::PrefixError;
pub use self::on_store_error::OnStoreError;
pub use self::store::RedisStore;
