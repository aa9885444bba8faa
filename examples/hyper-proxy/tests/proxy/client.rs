//! A client of the proxy.

use std::time::Duration;

use bytes::Bytes;
use http::request::Builder;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

/// A client that speaks one version of HTTP.
pub(crate) struct Client(legacy::Client<HttpConnector, Full<Bytes>>);

impl Client {
    pub(crate) fn http_1() -> Self {
        Self(legacy::Client::builder(TokioExecutor::new()).build_http())
    }

    pub(crate) fn http_2() -> Self {
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        Self(builder.http2_only(true).build_http())
    }

    /// The whole answer; an answer that does not come fails the test.
    pub(crate) fn send(&self, request: Builder) -> impl Future<Output = Response<Bytes>> + use<> {
        self.send_with(request, "")
    }

    pub(crate) fn send_with(
        &self,
        request: Builder,
        body: &'static str,
    ) -> impl Future<Output = Response<Bytes>> + use<> {
        let answer = self.0.request(request.body(Full::from(body)).unwrap());
        let whole = async {
            let (parts, body) = answer.await.unwrap().into_parts();
            Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
        };
        async { timeout(PATIENCE, whole).await.expect("an answer in time") }
    }
}

/// The only value of a field that has to be there once.
pub(crate) fn field<'a>(headers: &'a http::HeaderMap, name: &str) -> &'a str {
    let values: Vec<_> = headers.get_all(name).iter().collect();
    assert_eq!(values.len(), 1, "{name} in {headers:?}");
    values[0].to_str().unwrap()
}

/// A request without anything to tell it apart.
pub(crate) fn get(url: &str) -> Builder {
    Request::get(url)
}

/// Longer than anything here takes on a slow machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
