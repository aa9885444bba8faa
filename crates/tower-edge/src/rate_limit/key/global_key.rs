use tower_edge_core::Head;
use tower_edge_core::rate_limit::Key;
use tower_edge_core::rate_limit::KeyOf;

/// One key for all requests: what is limited is the service, not a client.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::Duration;
///
/// use tower_edge::rate_limit::{ApiKey, GlobalKey, MemoryStore, Policy, RateLimitLayer};
///
/// # fn policies() -> Option<(NonZeroU32, NonZeroU32)> {
/// #     Some((NonZeroU32::new(20)?, NonZeroU32::new(1000)?))
/// # }
/// # let (few, many) = policies().unwrap_or((NonZeroU32::MIN, NonZeroU32::MIN));
/// let each = Policy::new("each", few, Duration::from_secs(1))?;
/// let all = Policy::new("all", many, Duration::from_secs(1))?;
/// let limit = RateLimitLayer::new(MemoryStore::new(65_536), each, ApiKey)
///     .with_policy_by(all, GlobalKey);
/// # Ok::<(), tower_edge::rate_limit::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GlobalKey;

impl KeyOf for GlobalKey {
    /// The empty text, which is nobody's key.
    fn key<'a>(&self, _: Head<'a>) -> Option<Key<'a>> {
        Some(Key::Text(b""))
    }
}
