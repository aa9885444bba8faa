//! What is compared.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Client, Script};
use tower::BoxError;
use tower_edge::rate_limit::store::{Operation, QuotaRequest};
use tower_edge::rate_limit::{Key, MemoryStore, Quota, Store};
use tower_edge_redis::RedisStore;
use tower_edge_tests::RedisServer;
use trypema::redis::{RedisKey, RedisRateLimiterProvider};
use trypema::{RateLimit, RateLimiterBuilder};

/// A way to count requests.
pub(crate) enum Contender {
    /// `INCR` and `EXPIRE` in one transaction, as redis-rs pipelines it.
    Increment(MultiplexedConnection),
    /// Ours, on the server.
    Shared {
        name: &'static str,
        keys: usize,
        quotas: Vec<Quota>,
        store: RedisStore<MultiplexedConnection, MemoryStore>,
    },
    /// Ours, in memory.
    Memory {
        name: &'static str,
        keys: usize,
        quota: Quota,
        store: MemoryStore,
    },
    /// A script that does no more than its text says.
    Script {
        connection: MultiplexedConnection,
        keys: usize,
        name: &'static str,
        script: Script,
    },
    /// The sliding window of trypema.
    Trypema {
        provider: Arc<RedisRateLimiterProvider>,
        rate: RateLimit,
    },
}

/// Which of the figures is to be compared with the same of another contender.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Compared {
    /// Checks one after the other.
    Median,
    /// Checks a second.
    Rate,
}

impl Contender {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Increment(_) => "INCR and EXPIRE through redis-rs",
            Self::Memory { name, .. } | Self::Script { name, .. } | Self::Shared { name, .. } => {
                name
            }
            Self::Trypema { .. } => "trypema, absolute",
        }
    }

    /// The names of those that this may not take much longer than, as they are the least that does the same.
    pub(crate) fn bare(&self) -> Option<(&'static str, Compared)> {
        match self.name() {
            ONE_QUOTA => Some((GET_AND_SET_ONE, Compared::Median)),
            TWO_QUOTAS => Some((GET_AND_SET_TWO, Compared::Median)),
            LEASES_ONE => Some((MEMORY_ONE, Compared::Median)),
            LEASES_MANY => Some((MEMORY_MANY, Compared::Rate)),
            _ => None,
        }
    }

    /// Checks one of some keys.
    pub(crate) async fn check(&self, number: usize) {
        match self {
            Self::Increment(connection) => {
                let key = format!("increment:{:016x}", number % KEYS);
                let mut pipe = redis::pipe();
                pipe.atomic().incr(&key, 1).expire(&key, 3600).ignore();
                let counted = pipe.query_async::<(u64,)>(&mut connection.clone()).await;
                assert!(counted.is_ok(), "{counted:?}");
            }
            Self::Memory {
                keys, quota, store, ..
            } => decide(store, number % keys, &[*quota]).await,
            Self::Script {
                connection,
                keys,
                script,
                ..
            } => {
                let mut call = script.prepare_invoke();
                for key in 0..*keys {
                    // As long as the names of ours.
                    let number = number % KEYS;
                    call.key(format!("tower-edge:{{{number:032x}}}:{key:016x}s"));
                }
                call.arg(1_000_000).arg(3_600_000);
                let done = call.invoke_async::<u64>(&mut connection.clone()).await;
                assert!(done.is_ok(), "{done:?}");
            }
            Self::Shared {
                keys,
                quotas,
                store,
                ..
            } => decide(store, number % keys, quotas).await,
            Self::Trypema { provider, rate } => {
                let decided = async {
                    let key = RedisKey::new(format!("{:032x}", number % KEYS))?;
                    provider.absolute().inc(&key, rate, 1).await
                };
                let decided = decided.await;
                assert!(decided.is_ok(), "{decided:?}");
            }
        }
    }
}

async fn decide<St: Store>(store: &St, key: usize, quotas: &[Quota]) {
    let key = store.hash(&Key::from(&key.to_be_bytes()[..]));
    let requests: Vec<_> = quotas
        .iter()
        .map(|quota| QuotaRequest::new(*quota, key))
        .collect();
    let decision = store.apply(Operation::TryAcquire, &requests, None);
    assert!(decision.wait().await.is_ok(), "a decision");
}

/// All that are compared, on one connection each.
pub(crate) async fn all(server: &RedisServer) -> Result<Vec<Contender>, BoxError> {
    let client = Client::open(server.url())?;
    let connection = || client.get_multiplexed_async_connection();
    let shared = async |name, keys, quotas: &[Quota], leases| {
        let store = RedisStore::new(connection().await?, MemoryStore::new(1024))
            .with_deny_cache(KEPT)
            .with_leases(leases)
            .with_timeout(Duration::from_secs(1));
        redis::RedisResult::Ok(Contender::Shared {
            name,
            keys,
            quotas: quotas.to_vec(),
            store,
        })
    };
    let script = async |name, keys, text| {
        redis::RedisResult::Ok(Contender::Script {
            connection: connection().await?,
            keys,
            name,
            script: Script::new(text),
        })
    };
    let memory = |name, keys| Contender::Memory {
        name,
        keys,
        quota: MANY,
        store: MemoryStore::new(4 * KEYS),
    };
    let trypema = RedisRateLimiterProvider::builder(client.get_connection_manager().await?).build();
    Ok(vec![
        script("EVALSHA of nothing, 1 key", 1, NOTHING).await?,
        script(GET_AND_SET_ONE, 1, GET_AND_SET).await?,
        shared(ONE_QUOTA, KEYS, &[MINUTE], 0).await?,
        script("EVALSHA of nothing, 2 keys", 2, NOTHING).await?,
        script(GET_AND_SET_TWO, 2, GET_AND_SET).await?,
        shared(TWO_QUOTAS, KEYS, &[MINUTE, HOUR], 0).await?,
        Contender::Increment(connection().await?),
        Contender::Trypema {
            provider: trypema?,
            rate: RateLimit::per_minute_or_panic(300.0),
        },
        shared(
            "ours, one key that is rejected",
            1,
            &[Quota::per_hour(1)],
            0,
        )
        .await?,
        shared(LEASES_ONE, 1, &[MANY], LEASE).await?,
        memory(MEMORY_ONE, 1),
        shared(LEASES_MANY, UNDER_WAY, &[MANY], LEASE).await?,
        memory(MEMORY_MANY, UNDER_WAY),
    ])
}

const GET_AND_SET_ONE: &str = "EVALSHA of GET and SET, 1 key";
const GET_AND_SET_TWO: &str = "EVALSHA of GET and SET, 2 keys";
const LEASES_ONE: &str = "ours, leases of 100, 1 key";
const LEASES_MANY: &str = "ours, leases of 100, 64 keys";
const MEMORY_ONE: &str = "in memory, 1 key";
const MEMORY_MANY: &str = "in memory, 64 keys";
const ONE_QUOTA: &str = "ours, 1 quota";
const TWO_QUOTAS: &str = "ours, 2 quotas";
const GET_AND_SET: &str = "for _, key in ipairs(KEYS) do
    redis.call('GET', key)
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
end
return 1";
const NOTHING: &str = "return 1";
const KEYS: usize = 4096;
/// Checks at once.
pub(crate) const UNDER_WAY: usize = 64;
/// What a client of an API has. It is never used up here, and what is charged is back after a while.
const MINUTE: Quota = Quota::per_minute(300);
const HOUR: Quota = Quota::per_hour(10_000);
const MANY: Quota = Quota::per_hour(1_000_000_000);
/// How many rejections are remembered.
const KEPT: usize = 1024;
const LEASE: u32 = 100;
