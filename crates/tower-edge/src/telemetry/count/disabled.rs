//! Series without the feature `metrics`: they do nothing.
#![expect(
    clippy::unused_self,
    reason = "with the feature these methods take the series"
)]

use std::marker::PhantomData;
#[cfg(any(feature = "rate-limit", feature = "timeout"))]
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Series<M>(PhantomData<M>);

impl<M> Series<M> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }

    pub(crate) const fn increment(&self, _: &[&str]) {}

    #[cfg(any(feature = "rate-limit", feature = "timeout"))]
    pub(crate) const fn record(&self, _: &[&str], _: Duration) {}
}

impl<M> Clone for Series<M> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<M> Default for Series<M> {
    fn default() -> Self {
        Self::new()
    }
}
