use http::{Extensions, HeaderMap, HeaderName, Method, Request, Uri, Version};

use crate::http_ext::{FoundFields, SingleHeader};

/// The head of a request, borrowed. Layers choose a format or a key by it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Head<'a> {
    /// The method.
    pub method: &'a Method,
    /// The request target.
    pub uri: &'a Uri,
    /// The version of HTTP.
    pub version: Version,
    /// The header fields.
    pub headers: &'a HeaderMap,
    /// What outer layers and the server have added.
    pub extensions: &'a Extensions,
    found: Option<&'a FoundFields<'a>>,
}

impl<'a> Head<'a> {
    /// A head of these parts.
    #[must_use]
    pub const fn new(
        method: &'a Method,
        uri: &'a Uri,
        version: Version,
        headers: &'a HeaderMap,
        extensions: &'a Extensions,
    ) -> Self {
        Self {
            method,
            uri,
            version,
            headers,
            extensions,
            found: None,
        }
    }

    /// Sets the fields that were already found in `headers`, so that [`field`](Self::field) does not look for them
    /// again.
    #[must_use]
    pub const fn with_fields(mut self, found: Option<&'a FoundFields<'a>>) -> Self {
        self.found = found;
        self
    }

    /// The header field of this name, which may occur at most once.
    #[must_use]
    #[inline]
    pub fn field(self, name: &HeaderName) -> SingleHeader<'a> {
        self.found
            .and_then(|found| found.get(name))
            .unwrap_or_else(|| SingleHeader::from_headers(self.headers, name))
    }
}

impl<'a, B> From<&'a Request<B>> for Head<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Self::new(
            request.method(),
            request.uri(),
            request.version(),
            request.headers(),
            request.extensions(),
        )
    }
}
