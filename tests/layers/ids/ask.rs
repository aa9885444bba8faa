//! One request through a layer, and what comes of it.

use std::convert::Infallible;

use http::{HeaderMap, HeaderValue, Request, Response};
use tokio_test::block_on;
use tower::util::BoxCloneService;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_edge::correlation_id::{ClientCorrelationId, CorrelationId, InContext};

/// What the inner service saw of the id, if it was called.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) client_id: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) id: String,
}

/// What came of a request.
#[derive(Debug)]
pub(crate) struct TestResponse {
    /// The id in the extensions of the response.
    pub(crate) extension: Option<CorrelationId>,
    pub(crate) headers: HeaderMap,
    pub(crate) seen: Option<Seen>,
}

impl TestResponse {
    /// The one id of the response.
    pub(crate) fn id(&self) -> &str {
        self.field("x-correlation-id").unwrap()
    }

    /// The value of a field; there are not two of a name.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let values: Vec<_> = self.headers.get_all(name).iter().collect();
        assert!(values.len() <= 1, "{values:?}");
        values.first().map(|value| value.to_str().unwrap())
    }

    /// Asserts that the id was made here, and is the one that the inner service saw.
    pub(crate) fn assert_made(&self) {
        let id = self.id();
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        assert!(id.len() == 32 && id.bytes().all(is_hex), "{id}");
        if let Some(seen) = &self.seen {
            assert_eq!(seen.id, id);
        }
    }
}

type Inner = BoxCloneService<Request<()>, Response<Option<Seen>>, Infallible>;

/// A request with these fields through the layer, to a service that responds with those.
pub(crate) fn ask_for<L>(
    layer: &L,
    fields: &[Pair<'_>],
    responded: &'static [Pair<'static>],
) -> TestResponse
where
    L: Layer<Inner>,
    L::Service:
        Service<Request<()>, Response = Response<InContext<Option<Seen>>>, Error = Infallible>,
{
    let service = service_fn(move |request: Request<()>| async move {
        let id = |id: Option<&CorrelationId>| id.map(ToString::to_string);
        let extensions = request.extensions();
        let seen = Seen {
            client_id: id(extensions.get().map(|ClientCorrelationId(id)| id)),
            headers: request.headers().clone(),
            id: id(extensions.get()).unwrap_or_default(),
        };
        let mut response = Response::new(Some(seen));
        write(response.headers_mut(), responded);
        Ok(response)
    });
    let mut request = Request::new(());
    write(request.headers_mut(), fields);
    let service = layer.layer(BoxCloneService::new(service));
    let (parts, seen) = block_on(service.oneshot(request)).unwrap().into_parts();
    TestResponse {
        extension: parts.extensions.get().cloned(),
        headers: parts.headers,
        seen: seen.into_inner(),
    }
}

/// The same, to a service that responds with no fields.
pub(crate) fn ask<L>(layer: &L, fields: &[Pair<'_>]) -> TestResponse
where
    L: Layer<Inner>,
    L::Service:
        Service<Request<()>, Response = Response<InContext<Option<Seen>>>, Error = Infallible>,
{
    ask_for(layer, fields, &[])
}

/// A field's name and value.
pub(crate) type Pair<'a> = (&'static str, &'a [u8]);

fn write(headers: &mut HeaderMap, fields: &[Pair<'_>]) {
    for (name, value) in fields {
        headers.append(*name, HeaderValue::from_bytes(value).unwrap());
    }
}
