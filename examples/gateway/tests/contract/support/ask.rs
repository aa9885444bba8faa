use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, request};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::time::timeout;

use super::{Answer, Gateway};

/// How a gateway is spoken to; both with prior knowledge and on one port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

pub(crate) const PROTOCOLS: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

/// A request that has not been sent yet.
pub(crate) struct Ask<'a> {
    body: Bytes,
    gateway: &'a Gateway,
    protocol: Protocol,
    request: request::Builder,
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

    /// The whole answer, which keeps the rules that hold for all answers.
    pub(crate) async fn answer(self) -> Answer {
        let is_head = self
            .request
            .method_ref()
            .is_some_and(|method| *method == Method::HEAD);
        let answer = self.answer_of_any_kind().await;
        answer.assert_sound(is_head);
        answer
    }

    /// The whole answer, whatever it is.
    pub(crate) async fn answer_of_any_kind(self) -> Answer {
        let whole = async {
            let (parts, body) = self.begin().await.into_parts();
            let body = body.collect().await.expect("a whole body").to_bytes();
            Answer::new(parts.status, parts.headers, body)
        };
        timeout(PATIENCE, whole).await.expect("an answer in time")
    }

    /// The head of the answer, and the body as it arrives.
    pub(crate) async fn begin(self) -> Response<Incoming> {
        let request = self.request.body(Full::new(self.body)).unwrap();
        let answer = self.gateway.client(self.protocol).request(request);
        let answer = timeout(PATIENCE, answer).await.expect("an answer in time");
        answer.expect("an answer")
    }
}

/// Longer than anything here takes on a slow machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
