use http::StatusCode;
use http::response::Parts;
use tower_edge_core::http_ext::{Protocol, is_event_stream};
use tower_edge_core::{Kind, Problem};

use super::bare::{is_bare, take_fields};
use super::strip_headers;
use crate::error_sources;

/// What the envelope does with an error in a format of its own: a 4xx or 5xx without a [`Problem`], with a
/// `Content-Type` such as JSON or HTML. Most of these come from an upstream.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::BoxError;
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge::envelope::{EnvelopeLayer, UpstreamErrorPolicy};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// let upstream = service_fn(async |_: Request<()>| {
///     let response = Response::builder().status(403).header("content-type", "application/json");
///     Ok::<_, BoxError>(response.body(Full::<Bytes>::from(r#"{"db": "postgres://10.0.0.7"}"#))?)
/// });
/// let layer = EnvelopeLayer::new(ProblemDetails);
/// let wrapping = layer.clone().with_upstream_errors(UpstreamErrorPolicy::Wrap);
/// let wrapping = ServiceBuilder::new().layer(wrapping).service(upstream);
/// let replacing = layer.with_upstream_errors(UpstreamErrorPolicy::Replace);
/// let replacing = ServiceBuilder::new().layer(replacing).service(upstream);
///
/// let wrapped = wrapping.oneshot(Request::new(())).await?;
/// assert_eq!((wrapped.status().as_u16(), &wrapped.headers()["content-type"]), (403, &"application/problem+json".parse()?));
/// assert_eq!(replacing.oneshot(Request::new(())).await?.status(), 502);
/// # Ok(())
/// # }
/// ```
///
/// | header field | `Wrap` | `Replace` |
/// |---|---|---|
/// | about the body: `Content-*`, `ETag`, `Last-Modified`, … | removed | removed |
/// | about the error: `X-Error`, `X-Error-*`, `grpc-*` | removed | removed |
/// | about the status: `Allow`, `Accept`, `Accept-Patch`, `Accept-Post`, `WWW-Authenticate`, `Proxy-Authenticate`, `Location`, `Cache-Control`, `Expires`, `Age`, `Pragma` | kept | removed |
/// | all others: `Retry-After`, `Set-Cookie`, `X-RateLimit-*`, those of CORS, … | kept | kept |
///
/// Two things are the same under all three policies. An event stream passes through. And the envelope writes a bare
/// error, without a content type or with plain text, by its status, since the framework may have sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UpstreamErrorPolicy {
    /// The response passes through, to the byte. The default.
    #[default]
    PassThrough,
    /// The response keeps its status, and the format writes its body.
    Wrap,
    /// The response becomes a 502. Its status is the detail `upstream_status`, in development only.
    Replace,
}

/// Why the envelope rewrites a response of the inner service.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rewrite {
    /// A layer or a handler has left a problem in its extensions.
    Unwritten,
    /// A handler of gRPC has returned a problem, which its framework has written as a status.
    Status,
    /// It is bare.
    Bare,
    /// It has a body with a type of its own, and keeps its status.
    Wrap,
    /// It has a body with a type of its own, and is replaced with all that it reveals.
    Replace,
}

impl Rewrite {
    /// Reads a response and changes nothing. `None` is a success, or an error that is written already.
    #[inline(always)]
    pub(super) fn of(
        head: &Parts,
        protocol: Protocol,
        policy: UpstreamErrorPolicy,
    ) -> Option<Self> {
        // A success costs no more than this.
        if head.status.is_client_error() || head.status.is_server_error() {
            Self::of_error(head, protocol, policy)
        } else if protocol != Protocol::Http {
            Self::of_call(head)
        } else {
            None
        }
    }

    /// A call that fails before its first message has its status in the head
    /// ([Trailers-Only](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses)).
    fn of_call(head: &Parts) -> Option<Self> {
        if !head.headers.contains_key("grpc-status") {
            return None;
        }
        match head.extensions.get::<Problem>() {
            Some(problem) => (!problem.is_rendered()).then_some(Self::Unwritten),
            None => error_sources::problem_in(&head.extensions)
                .is_some_and(|problem| !problem.is_rendered())
                .then_some(Self::Status),
        }
    }

    #[cold]
    fn of_error(head: &Parts, protocol: Protocol, policy: UpstreamErrorPolicy) -> Option<Self> {
        match (head.extensions.get::<Problem>(), policy) {
            (Some(problem), _) => (!problem.is_rendered()).then_some(Self::Unwritten),
            (None, _) if is_bare(protocol, &head.headers) => Some(Self::Bare),
            (None, UpstreamErrorPolicy::PassThrough) => None,
            (None, _) if is_event_stream(&head.headers) => None,
            (None, UpstreamErrorPolicy::Wrap) => Some(Self::Wrap),
            (None, UpstreamErrorPolicy::Replace) => Some(Self::Replace),
        }
    }

    /// Removes the fields in which the response names the error, and returns the problem, unless that is in the
    /// extensions.
    #[cold]
    pub(super) fn strip(self, head: &mut Parts) -> Option<Problem> {
        let problem = match self {
            Self::Unwritten => return None,
            Self::Status => {
                let problem = error_sources::problem_in(&head.extensions)?.clone();
                strip_headers::of_error(&mut head.headers);
                return Some(problem);
            }
            Self::Bare if head.status == StatusCode::NOT_FOUND => Problem::new(Kind::RouteNotFound),
            Self::Bare | Self::Wrap => Problem::from(head.status),
            Self::Replace => {
                strip_headers::of_replaced_status(&mut head.headers);
                Problem::new(Kind::UpstreamError)
                    .with_development_detail("upstream_status", head.status.as_u16())
            }
        };
        Some(take_fields(problem, &mut head.headers))
    }
}
