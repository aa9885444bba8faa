use http::{HeaderMap, StatusCode};
use tower_edge_core::http_ext::is_event_stream;
use tower_edge_core::{Kind, Problem};

use super::surgery;

/// What becomes of a 4xx or 5xx that has a body somebody chose (JSON, HTML, anything but plain text)
/// and no [`Problem`], such as the answer of an upstream.
///
/// | field of that answer | `Wrap` | `Replace` |
/// |---|---|---|
/// | about the body: `Content-*`, `ETag`, `Last-Modified`, … | goes | goes |
/// | the error in its words: `X-Error`, `X-Error-*`, `grpc-*` | goes | goes |
/// | what the status gives a meaning: `Allow`, `Accept`, `Accept-Patch`, `Accept-Post`, `WWW-Authenticate`, `Proxy-Authenticate`, `Location`, `Cache-Control`, `Expires`, `Age`, `Pragma` | stays | goes |
/// | all others: `Retry-After`, `Set-Cookie`, `X-RateLimit-*`, those of CORS, … | stays | stays |
///
/// An event stream is never written anew. A bare error (no type, or plain text) is written by its
/// status under all three, since it may as well be the framework's.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::BoxError;
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge::envelope::{EnvelopeLayer, Upstream};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// let upstream = service_fn(async |_: Request<()>| {
///     let answer = Response::builder().status(403).header("content-type", "application/json");
///     Ok::<_, BoxError>(answer.body(Full::<Bytes>::from(r#"{"db": "postgres://10.0.0.7"}"#))?)
/// });
/// let layer = EnvelopeLayer::new(ProblemDetails);
/// let wrapping = layer.clone().with_upstream(Upstream::Wrap);
/// let wrapping = ServiceBuilder::new().layer(wrapping).service(upstream);
/// let replacing = layer.with_upstream(Upstream::Replace);
/// let replacing = ServiceBuilder::new().layer(replacing).service(upstream);
///
/// let wrapped = wrapping.oneshot(Request::new(())).await?;
/// assert_eq!((wrapped.status().as_u16(), &wrapped.headers()["content-type"]), (403, &"application/problem+json".parse()?));
/// assert_eq!(replacing.oneshot(Request::new(())).await?.status(), 502);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Upstream {
    /// The answer is left alone, to the byte. The default.
    #[default]
    PassThrough,
    /// The answer keeps its status; what is said of it is the format's.
    Wrap,
    /// The answer is a 502, whatever it was. Its status is the detail `upstream_status`, in development
    /// alone.
    Replace,
}

impl Upstream {
    /// Whether a problem is written in the place of such a response.
    pub(super) fn takes_over(self, headers: &HeaderMap) -> bool {
        self != Self::PassThrough && !is_event_stream(headers)
    }

    /// The problem in the place of a response with this status. What is about a status that is replaced goes.
    pub(super) fn problem(self, status: StatusCode, headers: &mut HeaderMap) -> Option<Problem> {
        if self != Self::Replace {
            return Problem::from_status(status);
        }
        surgery::forget_the_status(headers);
        let status = i64::from(status.as_u16());
        let problem = Problem::new(Kind::UpstreamError);
        Some(problem.with_development_detail("upstream_status", status))
    }
}
