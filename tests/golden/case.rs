//! A request and what is behind the envelope when it comes.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service, ServiceBuilder, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::{EnvelopeLayer, JsonRpcIdLayer, TeeBody};
use tower_edge::problem::Exposure;
use tower_edge::{BoxError, Problem};
use tower_edge_tests::{TestResponse, oneshot};

use crate::snapshot::DynFormat;

type TestRequest = Request<TeeBody<Full<Bytes>>>;
type Inner = BoxCloneSyncService<TestRequest, Response<Full<Bytes>>, BoxError>;

/// What brings an example about.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    inner: Inner,
    pub(crate) name: &'static str,
    request: Request<Full<Bytes>>,
}

impl Case {
    /// A handler that responds so.
    pub(crate) fn responded(name: &'static str, response: Response<Full<Bytes>>) -> Self {
        let received = move |_: TestRequest| {
            let response = response.clone();
            async move { Ok(response) }
        };
        Self {
            inner: BoxCloneSyncService::new(service_fn(received)),
            name,
            request: request(),
        }
    }

    /// A handler that fails with this problem.
    pub(crate) fn failed(name: &'static str, problem: Problem) -> Self {
        let fail = move |_: TestRequest| {
            let error = problem.clone();
            async move { Err::<Response<Full<Bytes>>, _>(BoxError::from(error)) }
        };
        Self {
            inner: BoxCloneSyncService::new(service_fn(fail)),
            name,
            request: request(),
        }
    }

    /// A layer in front of a handler that never responds.
    pub(crate) fn refused<L, B>(name: &'static str, layer: L) -> Self
    where
        L: Layer<Inner>,
        L::Service: Service<TestRequest, Response = Response<B>, Error = BoxError, Future: Send>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        let never = service_fn(|_: TestRequest| std::future::pending());
        let refusing = ServiceBuilder::new()
            .map_response(|response: Response<B>| response.map(|_| Full::default()))
            .service(layer.layer(BoxCloneSyncService::new(never)));
        Self {
            inner: BoxCloneSyncService::new(refusing),
            name,
            request: request(),
        }
    }

    pub(crate) fn with_field(mut self, name: &'static str, value: &'static str) -> Self {
        let fields = self.request.headers_mut();
        fields.insert(name, value.parse().unwrap());
        self
    }

    pub(crate) fn with_body(mut self, body: &'static str) -> Self {
        *self.request.body_mut() = body.into();
        self
    }

    /// The response that a client receives in this format.
    pub(crate) async fn response(self, format: DynFormat, exposure: Exposure) -> TestResponse {
        let service = ServiceBuilder::new()
            .layer(CorrelationIdLayer::new())
            .layer(JsonRpcIdLayer::new(4096))
            .layer(EnvelopeLayer::new(format).with_exposure(exposure))
            .service(self.inner);
        oneshot(service, self.request).await
    }
}

fn request() -> Request<Full<Bytes>> {
    Request::post("/")
        .header("content-type", "application/json")
        .header("x-correlation-id", "req_abc123xyz")
        .body(Full::from(r#"{"jsonrpc":"2.0","id":1,"method":"a"}"#))
        .unwrap()
}
