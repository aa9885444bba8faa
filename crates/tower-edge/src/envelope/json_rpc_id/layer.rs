use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::TeeBody;

/// Finds the ids of JSON-RPC requests, for the [formats](crate::envelope::format) that repeat them. It stands outside
/// of the [`EnvelopeLayer`](crate::envelope::EnvelopeLayer), and serves all envelopes further in.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::{BodyExt, Full};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge_formats::routermcp;
/// use tower_edge::envelope::{EnvelopeLayer, JsonRpcIdLayer, TeeBody};
/// use tower_edge::{Kind, Problem};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let service = ServiceBuilder::new()
///     .layer(JsonRpcIdLayer::new(64 * 1024))
///     .layer(EnvelopeLayer::new(routermcp::RPC))
///     .service(service_fn(async |_: Request<TeeBody<Full<Bytes>>>| {
///         Err::<Response<Full<Bytes>>, _>(Problem::new(Kind::UpstreamTimeout))
///     }));
/// let request = Request::post("/mcp").body(Full::from(r#"{"method":"ping","id":7}"#))?;
///
/// let response = service.oneshot(request).await?;
///
/// let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
/// assert!(body.starts_with(br#"{"jsonrpc":"2.0","id":7,"#));
/// # Ok(())
/// # }
/// ```
///
/// The body of a POST request becomes a [`TeeBody`], from which the inner service reads the bytes unchanged. If an
/// envelope writes an error in a format that repeats the ids, it reads the rest of the body first. Other responses do
/// not wait for the body, and for other formats none of it is kept.
#[derive(Clone, Copy, Debug)]
pub struct JsonRpcIdLayer {
    max: usize,
    timeout: Duration,
}

impl JsonRpcIdLayer {
    /// Reads up to `max` bytes of a request. If a request is longer, its ids are unknown, and its error has the id
    /// `null`.
    #[must_use]
    pub const fn new(max: usize) -> Self {
        Self {
            max,
            timeout: Duration::from_secs(1),
        }
    }

    /// Sets how long an error waits for the rest of the request; the default is one second. If a request is slower, its
    /// ids are unknown.
    #[must_use]
    pub const fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

impl<S> Layer<S> for JsonRpcIdLayer {
    type Service = JsonRpcIdService<S>;

    fn layer(&self, inner: S) -> JsonRpcIdService<S> {
        JsonRpcIdService {
            inner,
            layer: *self,
        }
    }
}

/// Finds the ids of JSON-RPC requests; see [`JsonRpcIdLayer`].
#[derive(Clone, Copy, Debug)]
pub struct JsonRpcIdService<S> {
    inner: S,
    layer: JsonRpcIdLayer,
}

impl<S, B> Service<Request<B>> for JsonRpcIdService<S>
where
    S: Service<Request<TeeBody<B>>>,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        // The content type does not matter: an error in such a format needs the id if there is one.
        if request.method() != Method::POST {
            return self.inner.call(request.map(TeeBody::whole));
        }
        let (mut parts, body) = request.into_parts();
        let (body, ids) = TeeBody::shared(body, self.layer.max, self.layer.timeout);
        parts.extensions.insert(ids);
        self.inner.call(Request::from_parts(parts, body))
    }
}

#[cfg(test)]
mod tests;
