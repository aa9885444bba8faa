//! What is sent and what comes back, whichever protocol carries it.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;

/// A request with its whole body.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    /// Sent in chunks over HTTP/1.1, so that its length is not announced.
    pub(crate) chunked: bool,
}

/// A response, up to its end or to where it broke off.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Of HTTP/2.
    pub(crate) trailers: HeaderMap,
    /// Why the body ended early.
    pub(crate) broken: Option<String>,
    /// How many bytes came that belong to no response.
    pub(crate) surplus: usize,
    /// Whether another request may be sent on the connection.
    pub(crate) kept: bool,
}

impl Response {
    /// The values of a field.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap_or("?")).collect()
    }

    /// The value of a field that occurs once.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        match self.values(name)[..] {
            [value] => Some(value),
            _ => None,
        }
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body: String = String::from_utf8_lossy(&self.body)
            .chars()
            .take(160)
            .collect();
        write!(f, "{} of {} bytes: {body}", self.status, self.body.len())
    }
}

/// A request without a response.
#[derive(Debug)]
pub(crate) struct NoResponse {
    /// Whether some of the response came.
    pub(crate) begun: bool,
    pub(crate) cause: String,
}

impl NoResponse {
    pub(crate) fn before(cause: impl fmt::Display) -> Self {
        Self {
            begun: false,
            cause: cause.to_string(),
        }
    }
}
