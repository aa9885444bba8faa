//! A request of the table, before it is known over which version of HTTP it goes.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http::{Method, Request};
use tower_edge_tests::Protocol;

/// A request that the layers let through, and what it gets then and otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    pub(crate) outcomes: Outcomes,
    /// The only version of HTTP that has it.
    pub(crate) protocol: Option<Protocol>,
}

/// The status of each response, with the status of gRPC behind a slash if the response has one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcomes {
    pub(crate) allowed: &'static str,
    pub(crate) malformed_version: &'static str,
    pub(crate) outdated: &'static str,
    pub(crate) too_many: &'static str,
    pub(crate) invalid: &'static str,
    pub(crate) unavailable: &'static str,
    pub(crate) stalled: &'static str,
    pub(crate) slow: &'static str,
    /// The media type of a rejection.
    pub(crate) content_type: &'static str,
}

impl Outcomes {
    pub(crate) const HTTP: Self = Self {
        allowed: "200",
        malformed_version: "400",
        outdated: "426",
        too_many: "429",
        invalid: "422",
        unavailable: "503",
        stalled: "408",
        slow: "504",
        content_type: "application/problem+json",
    };
}

impl Call {
    pub(crate) fn get(path: &str) -> Self {
        Self::new(Method::GET, path, Bytes::new())
    }

    pub(crate) fn post(path: &str, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self::new(Method::POST, path, body.into()).with("content-type", content_type)
    }

    fn new(method: Method, path: &str, body: Bytes) -> Self {
        let call = Self {
            method,
            path: path.to_owned(),
            fields: Vec::new(),
            body,
            outcomes: Outcomes::HTTP,
            protocol: None,
        };
        call.with("origin", "https://app.example")
            .with("x-client-version", "1.2.0")
    }

    /// The same with this field in place of one of that name.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.fields.retain(|(other, _)| *other != name);
        self.fields.push((name, value.to_owned()));
        self
    }

    pub(crate) fn with_body(self, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self { body, ..self }
    }

    pub(crate) fn with_method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    pub(crate) const fn with_outcomes(mut self, outcomes: Outcomes) -> Self {
        self.outcomes = outcomes;
        self
    }

    pub(crate) const fn over(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// From a client that is too old.
    pub(crate) fn outdated(self) -> Self {
        self.with("x-client-version", "1.1.9")
    }

    /// Its line and its fields but for those that frame its body, with a key that no other request has.
    pub(crate) fn head(&self, target: &str, version: &str, address: SocketAddr) -> String {
        let mut head = format!("{} {target} {version}\r\nhost: {address}\r\n", self.method);
        for (name, value) in &self.keyed().fields {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head
    }

    /// As HTTP/1.1 has it.
    pub(crate) fn bytes(&self, address: SocketAddr) -> Vec<u8> {
        let mut head = self.head(&self.path, "HTTP/1.1", address);
        if self.has_body() {
            head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        let mut bytes = format!("{head}\r\n").into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// As a client of HTTP/2 takes it.
    pub(crate) fn request<B>(&self, address: SocketAddr, body: B) -> Request<B> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(format!("http://{address}{}", self.path));
        for (name, value) in &self.keyed().fields {
            request = request.header(*name, value);
        }
        request.body(body).unwrap()
    }

    pub(crate) fn has_body(&self) -> bool {
        self.method == Method::POST || !self.body.is_empty()
    }

    /// The limit is one request for each key.
    fn keyed(&self) -> Self {
        if self.fields.iter().any(|(name, _)| *name == "x-api-key") {
            return self.clone();
        }
        self.clone().with("x-api-key", &key())
    }
}

/// An API key that no other request has.
pub(crate) fn key() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("key-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
