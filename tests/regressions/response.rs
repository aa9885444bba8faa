//! Responses that have passed an envelope.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::response::Builder;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::Full;
use tokio_test::block_on;
use tower::{Layer, service_fn};
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{EnvelopeLayer, Format};
use tower_edge::{BoxError, Problem};
use tower_edge_formats::{
    AdsMcp, Aip193, Connect, JsonApi, Mcp, MediaNest, PlexMcp, Plexichat, RouterMcp, routermcp,
};
use tower_edge_tests::{TestResponse, oneshot};

/// Every format that a plain HTTP client may receive.
pub(crate) const FORMATS: [(&str, &dyn Format); 11] = [
    ("problem details", &ProblemDetails),
    ("PlexMCP", &PlexMcp),
    ("Plexichat", &Plexichat),
    ("ads", &AdsMcp),
    ("MediaNest", &MediaNest),
    ("RouterMCP", &RouterMcp),
    ("RouterMCP by JSON-RPC", &routermcp::RPC),
    ("AIP-193", &const { Aip193::new() }),
    ("Connect", &const { Connect::new() }),
    ("JSON:API", &const { JsonApi::new() }),
    ("MCP", &const { Mcp::new() }),
];

/// A body that nobody may read: it could be endless, or never come.
#[derive(Debug, Default)]
pub(crate) struct Unread;

impl Body for Unread {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        panic!("the body was read")
    }
}

/// Whether the response is as the inner service returned it.
pub(crate) fn is_untouched(response: &TestResponse) -> bool {
    response.extensions.get::<Problem>().is_none()
}

/// What an envelope makes of this response.
pub(crate) fn through<B>(
    layer: &EnvelopeLayer,
    request: Request<()>,
    response: Response<B>,
) -> TestResponse
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut response = Some(response);
    let service = service_fn(move |_: Request<()>| {
        let response = response.take().unwrap();
        async move { Ok::<_, Infallible>(response) }
    });
    block_on(oneshot(layer.layer(service), request))
}

/// What problem details say in the place of this response to a GET.
pub(crate) fn enveloped<B>(response: Response<B>) -> TestResponse
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    through(
        &EnvelopeLayer::new(ProblemDetails),
        Request::new(()),
        response,
    )
}

/// What the envelope writes for this error of the inner service.
pub(crate) fn failed(
    layer: &EnvelopeLayer,
    request: Request<()>,
    error: impl Into<BoxError>,
) -> TestResponse {
    let mut error = Some(error.into());
    let service = service_fn(move |_: Request<()>| {
        let error = error.take().unwrap();
        async move { Err::<Response<Full<Bytes>>, _>(error) }
    });
    block_on(oneshot(layer.layer(service), request))
}

/// The start of a response.
pub(crate) fn status(status: u16) -> Builder {
    Response::builder().status(status)
}

/// A request with this method.
pub(crate) fn request(method: &str) -> Request<()> {
    Request::builder().method(method).body(()).unwrap()
}

/// A call of gRPC with this content type.
pub(crate) fn call(content_type: &str) -> Request<()> {
    let request = Request::post("/edge.Echo/Say").header("content-type", content_type);
    request.body(()).unwrap()
}
