use std::sync::Arc;

use http::{HeaderMap, HeaderValue};

use super::policy::Fields;

/// What a client that is served is told besides.
#[derive(Debug)]
pub(super) struct Notice {
    pub(super) fields: Arc<Fields>,
    pub(super) vary: Option<Arc<HeaderValue>>,
}

impl Notice {
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        self.fields.write(self.vary.as_deref(), headers);
    }
}
