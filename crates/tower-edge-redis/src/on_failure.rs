use std::fmt;
use std::sync::Arc;

use crate::RedisStoreError;

/// Who wants to know why the server has not decided.
#[derive(Clone)]
pub(crate) struct OnFailure(Arc<dyn Fn(&RedisStoreError) + Send + Sync>);

impl OnFailure {
    pub(crate) fn new(hook: impl Fn(&RedisStoreError) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }

    pub(crate) fn tell(&self, error: &RedisStoreError) {
        (self.0)(error);
    }
}

impl fmt::Debug for OnFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnFailure(..)")
    }
}
