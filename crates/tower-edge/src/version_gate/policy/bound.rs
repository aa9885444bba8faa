use std::sync::Arc;

use http::HeaderValue;

use super::token;
use crate::version_gate::Version;

/// A version that clients are compared with, as text and as a protocol.
#[derive(Clone, Debug)]
pub(in super::super) struct Bound<V> {
    pub(in super::super) version: V,
    pub(in super::super) text: Arc<str>,
    pub(in super::super) upgrade: HeaderValue,
}

impl<V: Version> Bound<V> {
    pub(super) fn new(version: V, product: &str) -> Self {
        let text = version.to_string();
        Self {
            upgrade: token::upgrade(product, &text),
            text: text.into(),
            version,
        }
    }
}
