use std::sync::Arc;

use http::HeaderName;

/// The fields that an id is read from and written to; shared by all clones of the service.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) alias: Option<HeaderName>,
    pub(super) header: HeaderName,
}

/// The names of a layer: the default ones cost nothing to clone, others a count.
#[derive(Clone, Debug)]
pub(super) struct SharedNames(Option<Arc<Names>>);

impl SharedNames {
    pub(super) const DEFAULT: Self = Self(None);

    pub(super) fn with(self, change: impl FnOnce(&mut Names)) -> Self {
        let mut names = self.names().clone();
        change(&mut names);
        Self(Some(Arc::new(names)))
    }

    pub(super) fn names(&self) -> &Names {
        self.0.as_deref().unwrap_or(&DEFAULT)
    }
}

static DEFAULT: Names = Names {
    alias: Some(HeaderName::from_static("x-request-id")),
    header: HeaderName::from_static("x-correlation-id"),
};
