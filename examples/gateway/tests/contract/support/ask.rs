use bytes::Bytes;
use http::request::Builder;
use http::{HeaderValue, Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use tower_edge_tests::{Protocol, TestResponse};

use super::Gateway;
use super::sound::assert_sound;

/// A request that has not been sent yet.
pub(crate) struct Ask<'a> {
    body: Bytes,
    gateway: &'a Gateway,
    protocol: Protocol,
    request: Builder,
}

impl<'a> Ask<'a> {
    pub(super) fn new(gateway: &'a Gateway, method: Method, path: &str) -> Self {
        Self {
            body: Bytes::new(),
            gateway,
            protocol: Protocol::Http1,
            request: Request::builder()
                .method(method)
                .uri(format!("http://{}{path}", gateway.address)),
        }
    }

    pub(crate) fn over(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Adds a field; a name may be given several times.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) fn headers(self, fields: &[(&str, &str)]) -> Self {
        fields
            .iter()
            .fold(self, |ask, (name, value)| ask.header(name, value))
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The whole response, which keeps the rules for all responses.
    pub(crate) async fn send(self) -> TestResponse {
        let is_head = self
            .request
            .method_ref()
            .is_some_and(|method| *method == Method::HEAD);
        let response = self.send_unchecked().await;
        assert_sound(&response, is_head);
        response
    }

    /// The whole response, whatever it is.
    pub(crate) async fn send_unchecked(self) -> TestResponse {
        let client = self.gateway.client(self.protocol);
        client.send_with(self.request, self.body).await
    }

    /// The head of the response, and the body as it arrives.
    pub(crate) async fn begin(self) -> Response<Incoming> {
        let request = self.request.body(Full::new(self.body)).unwrap();
        self.gateway.client(self.protocol).begin(request).await
    }
}
