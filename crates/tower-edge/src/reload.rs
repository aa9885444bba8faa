//! Configuration that is replaced while requests are served.

use std::mem;
use std::sync::{Arc, PoisonError, RwLock};

/// Configuration that can be replaced while requests are served. All clones share it.
///
/// Requests in flight end with the configuration that they began with.
///
/// ```
/// use tower_edge::ReloadHandle;
/// use tower_edge::rate_limit::{ApiKey, Limit, Limits, Quota, RateLimitLayer};
///
/// let limits = |count| -> Result<Limits, Box<dyn std::error::Error>> {
///     let quota = format!("minute={count}/1m").parse::<Quota>()?;
///     Ok(Limits::from(Limit::new(quota, ApiKey)))
/// };
/// let handle = ReloadHandle::new(limits(60)?);
/// let layer = RateLimitLayer::reloadable(&handle);
/// # let _ = layer;
///
/// // Later, when the configuration was read again:
/// handle.replace(limits(30)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias("hot reload"))]
#[derive(Debug)]
pub struct ReloadHandle<T>(Arc<RwLock<T>>);

impl<T: Clone> ReloadHandle<T> {
    /// This configuration, until it is replaced.
    #[must_use]
    pub fn new(configuration: T) -> Self {
        Self(Arc::new(RwLock::new(configuration)))
    }

    /// The configuration for the next request.
    #[must_use]
    pub fn current(&self) -> T {
        // It is replaced as a whole, so a panic leaves no half.
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Replaces the configuration for all later requests, and returns the old one.
    pub fn replace(&self, configuration: T) -> T {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        mem::replace(&mut current, configuration)
    }
}

impl<T> Clone for ReloadHandle<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
