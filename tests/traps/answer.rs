//! An answer that has passed an envelope, read to its end.

use std::convert::Infallible;

use bytes::Bytes;
use http::response::Builder;
use http::{Extensions, HeaderMap, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tokio_test::block_on;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::core::{BoxError, Problem};
use tower_edge::envelope::format::{
    AdsMcp, MediaNest, PlexMcp, Plexichat, ProblemDetails, RouterMcp, routermcp,
};
use tower_edge::envelope::{AnyFormat, Choose, EnvelopeLayer};

/// Every format that a plain HTTP client may be answered in.
pub(crate) const FORMATS: [(&str, AnyFormat); 7] = [
    ("problem details", &ProblemDetails),
    ("PlexMCP", &PlexMcp),
    ("Plexichat", &Plexichat),
    ("ads", &AdsMcp),
    ("MediaNest", &MediaNest),
    ("RouterMCP", &RouterMcp),
    ("RouterMCP by JSON-RPC", &routermcp::RPC),
];

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: String,
    pub(crate) extensions: Extensions,
    pub(crate) headers: HeaderMap,
    pub(crate) status: StatusCode,
}

impl Answer {
    pub(crate) async fn read<B>(response: Response<B>) -> Self
    where
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(Into::into).unwrap().to_bytes();
        Self {
            body: String::from_utf8(body.into()).unwrap(),
            extensions: parts.extensions,
            headers: parts.headers,
            status: parts.status,
        }
    }

    /// All values of the field, with commas between.
    pub(crate) fn field(&self, name: &str) -> String {
        let values = self.headers.get_all(name).iter();
        let values: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
        values.join(", ")
    }

    pub(crate) fn problem(&self) -> &Problem {
        self.extensions.get().unwrap()
    }

    /// Whether this is as the inner service has said it.
    pub(crate) fn is_untouched(&self) -> bool {
        self.extensions.get::<Problem>().is_none()
    }
}

/// What an envelope makes of this answer.
pub(crate) fn through<C, B>(
    layer: &EnvelopeLayer<C>,
    request: Request<()>,
    answer: Response<B>,
) -> Answer
where
    C: Choose + Clone,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut answer = Some(answer);
    let service = service_fn(move |_: Request<()>| {
        let answer = answer.take().unwrap();
        async move { Ok::<_, Infallible>(answer) }
    });
    block_on(async { Answer::read(layer.layer(service).oneshot(request).await.unwrap()).await })
}

/// What problem details say in the place of this answer to a GET.
pub(crate) fn enveloped<B>(answer: Response<B>) -> Answer
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    through(
        &EnvelopeLayer::new(ProblemDetails),
        Request::new(()),
        answer,
    )
}

/// What the envelope writes for this error of the inner service.
pub(crate) fn failed<C>(
    layer: &EnvelopeLayer<C>,
    request: Request<()>,
    error: impl Into<BoxError>,
) -> Answer
where
    C: Choose + Clone,
{
    let mut error = Some(error.into());
    let service = service_fn(move |_: Request<()>| {
        let error = error.take().unwrap();
        async move { Err::<Response<Full<Bytes>>, _>(error) }
    });
    block_on(async { Answer::read(layer.layer(service).oneshot(request).await.unwrap()).await })
}

/// The start of an answer.
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
