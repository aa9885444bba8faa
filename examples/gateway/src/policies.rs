//! What the flags say of limits and versions.

use http::HeaderName;
use tower_edge::BoxError;
use tower_edge::rate_limit::{ApiKey, ClientAddress, KeyExtractor, Limit, Limits, MemoryStore};
use tower_edge::version_gate::{
    Staged, SupportedVersionsLayer, VersionGateLayer, VersionPolicy, VersionRule,
};
use tower_edge_redis::{RedisStore, ServerConnection};

use crate::flags::Flags;
use crate::mcp;

/// What a caller may do, by its key or else its address, and what an address may do with all of its keys.
pub(crate) fn limits(flags: &Flags) -> Result<Limits, BoxError> {
    let address = ClientAddress::new().with_trusted_proxies(flags.trusted_proxies.iter().copied());
    let caller = ApiKey.or(address.clone());
    let of_caller = flags.limits.iter();
    let of_caller = of_caller.map(|quota| Limit::new(*quota, caller.clone()));
    let of_address = flags.address_limit.iter();
    let of_address = of_address.map(|quota| Limit::new(*quota, address.clone()));
    Ok(Limits::new(of_caller.chain(of_address))?)
}

/// Counts limits on this server, which is looked for from now on. While it is not there, each gateway counts in memory.
///
/// # Errors
///
/// When the URL is not one of a Redis server.
pub(crate) fn redis_store(
    url: &str,
    flags: &Flags,
) -> Result<RedisStore<ServerConnection, MemoryStore>, BoxError> {
    let store = RedisStore::connect(url, MemoryStore::new(SLOTS))?;
    let Some(secret) = flags.key_secret.as_ref() else {
        tracing::warn!(
            "--redis without --key-secret: who can read the names of keys on the server can find out \
             by trying whose they are"
        );
        return Ok(store);
    };
    Ok(store.with_key_secret(secret.0))
}

/// Rejects clients of `/plexichat` that are too old. Their versions are staged.
pub(crate) fn staged_versions(flags: &Flags) -> Result<VersionGateLayer<Staged>, BoxError> {
    let minimum = VersionRule::new(flags.min_staged_version);
    let policy = VersionPolicy::builder(minimum.with_update_url("https://example.com/update"))
        .with_product("plexichat")
        .with_server_version("a.1.0-49".parse()?)
        .build()?;
    Ok(VersionGateLayer::from_policy(policy))
}

/// Rejects the revisions of MCP that are not served.
pub(crate) fn mcp_versions() -> Result<SupportedVersionsLayer, BoxError> {
    let field = HeaderName::from_static("mcp-protocol-version");
    Ok(SupportedVersionsLayer::new(field, mcp::VERSIONS)?)
}

/// Of a store in memory. 17 MiB: room for half a million clients under two limits.
pub(crate) const SLOTS: usize = 1 << 20;
