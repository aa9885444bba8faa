use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What a test says that the server's clock shows.
#[derive(Clone)]
pub(crate) struct TestTime(Arc<dyn Fn() -> Duration + Send + Sync>);

impl TestTime {
    pub(crate) fn new(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(crate) fn now(&self) -> Duration {
        (self.0)()
    }
}

impl fmt::Debug for TestTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TestTime").field(&self.now()).finish()
    }
}
