use tower_edge_core::Head;
use tower_edge_core::rate_limit::{Key, KeyOf};

/// One key for all requests: what is limited is the service, not a client.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::Duration;
///
/// use tower_edge::rate_limit::{ApiKey, GlobalKey, Limit, Limits, Policy};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let per_second = |name, count| -> Result<Policy, Box<dyn std::error::Error>> {
///     let count = NonZeroU32::new(count).ok_or("a count of zero")?;
///     Ok(Policy::new(name, count, Duration::from_secs(1))?)
/// };
/// let limits = Limits::new([
///     Limit::new(per_second("each", 20)?, ApiKey),
///     Limit::new(per_second("all", 1000)?, GlobalKey),
/// ])?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GlobalKey;

impl KeyOf for GlobalKey {
    /// The empty text, which is nobody's key.
    fn key<'a>(&self, _: Head<'a>) -> Option<Key<'a>> {
        Some(Key::Text(b""))
    }
}
