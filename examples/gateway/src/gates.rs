//! Who may come in: the gates that are mounted with a prefix, and where limits are counted.

use std::any::Any;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::body::Body;
use axum::routing::future::RouteFuture;
use futures_util::FutureExt;
use http::Response;
use redis::RedisError;
use tower::ServiceBuilder;
use tower_edge::envelope::Panicked;
use tower_edge::rate_limit::headers::HeaderStyle;
use tower_edge::rate_limit::{
    ApiKey, ClientAddress, KeyExtractor, Limit, Limits, LimitsError, MemoryStore, RateLimitLayer,
    Store,
};
use tower_edge::version_gate::{SemVer, Staged, VersionGateLayer, VersionPolicy, VersionRule};
use tower_edge::{BoxError, Edge, Kind, Problem};
use tower_edge_redis::{RedisStore, ServerConnection};

use crate::flags::{Flags, KeySecret};
use crate::prefix::Prefix;

/// A gate for versions, and one limit over all prefixes together.
pub(crate) struct Gates {
    counts: Counts,
    limits: Limits,
    sem_ver: VersionGateLayer<SemVer>,
    staged: VersionGateLayer<Staged>,
}

impl Gates {
    /// # Errors
    ///
    /// When the flags ask for limits that cannot stand together, or that cannot be counted.
    pub(crate) fn new(flags: &Flags) -> Result<Self, BoxError> {
        let staged = VersionRule::new(flags.min_staged_version).with_update_url(UPDATE_URL);
        let staged = VersionPolicy::builder(staged)
            .with_product("plexichat")
            .with_server_version(SERVER_VERSION.parse()?)
            .build()?;
        Ok(Self {
            counts: Counts::new(flags.redis.as_deref(), flags.key_secret.as_ref())?,
            limits: limits(flags)?,
            sem_ver: VersionGateLayer::new(flags.min_version.clone()),
            staged: VersionGateLayer::from_policy(staged),
        })
    }

    /// Mounts the routes under the prefix. `nest_service` keeps the 404s of what is nested.
    pub(crate) fn mount(&self, router: Router, prefix: Prefix, routes: Router) -> Router {
        // A panic would unwind through the limit, and its answer lack the limit's fields.
        let routes = ServiceBuilder::new()
            .map_future(|routed: RouteFuture<_>| {
                AssertUnwindSafe(routed).catch_unwind().map(caught)
            })
            .service(routes);
        macro_rules! nest {
            ($gate:expr, $store:expr) => {{
                let gates = Edge::new().layer($gate.clone());
                let gates = gates.layer(self.limit($store, prefix));
                router.nest_service(prefix.path(), gates.service(routes))
            }};
        }
        match (prefix, &self.counts) {
            (Prefix::Plexichat, Counts::InMemory(store)) => nest!(self.staged, store),
            (Prefix::Plexichat, Counts::InRedis(store)) => nest!(self.staged, store),
            (_, Counts::InMemory(store)) => nest!(self.sem_ver, store),
            (_, Counts::InRedis(store)) => nest!(self.sem_ver, store),
        }
    }

    fn limit<St: Store>(&self, store: &St, prefix: Prefix) -> RateLimitLayer<St> {
        let style = match prefix {
            Prefix::Problem => HeaderStyle::IETF.with_single_quota(),
            _ => HeaderStyle::X_RATE_LIMIT,
        };
        let limits = self.limits.clone().with_header_style(style);
        let layer = RateLimitLayer::new(limits).with_store(store.clone());
        match prefix.has_mcp() {
            true => layer.with_handle(),
            false => layer,
        }
    }
}

fn caught(
    routed: Result<Result<Response<Body>, Infallible>, Box<dyn Any + Send>>,
) -> Result<Response<Body>, Infallible> {
    routed.unwrap_or_else(|payload| {
        let problem = Problem::new(Kind::Internal).with_source(Panicked::new(&*payload));
        Ok(problem.into_empty_response())
    })
}

fn limits(flags: &Flags) -> Result<Limits, LimitsError> {
    let address = ClientAddress::new().with_trusted_proxies(flags.trusted_proxies.iter().copied());
    let caller = ApiKey.or(address.clone());
    let by_caller = flags.limits.iter();
    let by_caller = by_caller.map(|quota| Limit::new(*quota, caller.clone()));
    let by_address = flags.address_limit.iter();
    let by_address = by_address.map(|quota| Limit::new(*quota, address.clone()));
    Limits::new(by_caller.chain(by_address))
}

/// One of the stores, by the flags.
pub(crate) enum Counts {
    InMemory(MemoryStore),
    InRedis(RedisStore<ServerConnection, MemoryStore>),
}

impl Counts {
    /// The server is looked for from now on. While it is not there, each gateway counts in memory.
    /// Without a secret it is said once what that means.
    ///
    /// # Errors
    ///
    /// When the URL is not one of a Redis server.
    pub(crate) fn new(
        server: Option<&str>,
        secret: Option<&KeySecret>,
    ) -> Result<Self, RedisError> {
        let memory = MemoryStore::new(SLOTS);
        let Some(url) = server else {
            return Ok(Self::InMemory(memory));
        };
        let store = RedisStore::connect(url, memory)?;
        Ok(Self::InRedis(match secret {
            Some(secret) => store.with_key_secret(secret.bytes()),
            None => {
                tracing::warn!(
                    "--redis without --key-secret: who can read the names of keys on the server can \
                     find out by trying whose they are"
                );
                store
            }
        }))
    }
}

const SERVER_VERSION: &str = "a.1.0-49";
const UPDATE_URL: &str = "https://example.com/update";

/// 17 MiB: room for half a million clients under two limits.
const SLOTS: usize = 1 << 20;
