//! What is compared.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Client, Script};
use tower_edge::rate_limit::store::{Operation, QuotaRequest};
use tower_edge::rate_limit::{Key, MemoryStore, Quota, Store};
use tower_edge_redis::RedisStore;
use tower_edge_tests::RedisServer;

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
    Memory { quota: Quota, store: MemoryStore },
    /// A script that does no more than its text says.
    Script {
        connection: MultiplexedConnection,
        keys: usize,
        name: &'static str,
        script: Script,
    },
}

impl Contender {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Increment(_) => "INCR and EXPIRE through redis-rs",
            Self::Memory { .. } => MEMORY,
            Self::Script { name, .. } | Self::Shared { name, .. } => name,
        }
    }

    /// The name of the one that this may not take much longer than, as it is the least that does the same.
    pub(crate) fn bare(&self) -> Option<&'static str> {
        match self.name() {
            ONE_POLICY => Some(GET_AND_SET_ONE),
            TWO_POLICIES => Some(GET_AND_SET_TWO),
            LEASES => Some(MEMORY),
            _ => None,
        }
    }

    /// Checks one of some thousand keys, or the one that there is.
    pub(crate) async fn check(&self, number: usize) {
        match self {
            Self::Increment(connection) => {
                let key = format!("increment:{:016x}", number % KEYS);
                let mut pipe = redis::pipe();
                pipe.atomic().incr(&key, 1).expire(&key, 3600).ignore();
                let counted = pipe.query_async::<(u64,)>(&mut connection.clone()).await;
                assert!(counted.is_ok(), "{counted:?}");
            }
            Self::Memory { quota, store } => decide(store, number % KEYS, &[*quota]).await,
            Self::Script {
                connection,
                keys,
                script,
                ..
            } => {
                let mut call = script.prepare_invoke();
                for key in 0..*keys {
                    call.key(format!("script:{{{:016x}}}:{key}", number % KEYS));
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
pub(crate) async fn all(server: &RedisServer) -> redis::RedisResult<Vec<Contender>> {
    let client = Client::open(server.url())?;
    let connection = || client.get_multiplexed_async_connection();
    let shared = async |name, keys, quotas| {
        let store = RedisStore::new(connection().await?, MemoryStore::new(1024))
            .with_timeout(Duration::from_secs(1));
        redis::RedisResult::Ok((name, keys, quotas, store))
    };
    let script = async |name, keys, text| {
        redis::RedisResult::Ok(Contender::Script {
            connection: connection().await?,
            keys,
            name,
            script: Script::new(text),
        })
    };
    let of = |(name, keys, quotas, store)| Contender::Shared {
        name,
        keys,
        quotas,
        store,
    };
    let denied = shared("ours, one key that is refused", 1, vec![Quota::per_hour(1)]).await?;
    let (name, keys, quotas, store) = denied;
    let denied = (name, keys, quotas, store.with_deny_cache(KEPT));
    let leased = shared(LEASES, 1, vec![MANY]).await?;
    let (name, keys, quotas, store) = leased;
    let leased = (name, keys, quotas, store.with_leases(LEASE));
    Ok(vec![
        script("EVALSHA of nothing, 1 key", 1, NOTHING).await?,
        script(GET_AND_SET_ONE, 1, GET_AND_SET).await?,
        of(shared(ONE_POLICY, KEYS, vec![MANY]).await?),
        script("EVALSHA of nothing, 2 keys", 2, NOTHING).await?,
        script(GET_AND_SET_TWO, 2, GET_AND_SET).await?,
        of(shared(TWO_POLICIES, KEYS, vec![MANY, MANY.named("more")]).await?),
        Contender::Increment(connection().await?),
        of(denied),
        of(leased),
        Contender::Memory {
            quota: MANY,
            store: MemoryStore::new(4 * KEYS),
        },
    ])
}

const GET_AND_SET_ONE: &str = "EVALSHA of GET and SET, 1 key";
const GET_AND_SET_TWO: &str = "EVALSHA of GET and SET, 2 keys";
const LEASES: &str = "ours, leases of 100, 1 key";
const MEMORY: &str = "in memory";
const ONE_POLICY: &str = "ours, 1 policy";
const TWO_POLICIES: &str = "ours, 2 quotas";
const GET_AND_SET: &str = "for _, key in ipairs(KEYS) do
    redis.call('GET', key)
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
end
return 1";
const NOTHING: &str = "return 1";
const KEYS: usize = 4096;
const MANY: Quota = Quota::per_hour(1_000_000_000);
/// How many refused keys are remembered.
const KEPT: usize = 1024;
const LEASE: u32 = 100;
