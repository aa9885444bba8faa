use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use tower_edge_core::BoxError;
use tower_service::Service;

/// A service that a [`Server`](super::Server) serves. Each service that fits implements it; none implements it by hand.
///
/// A function that puts layers around a service returns `impl HttpService`, in place of their types.
///
/// ```
/// use axum::{Router, routing::get};
/// use tower::ServiceBuilder;
/// use tower_edge::correlation_id::CorrelationIdLayer;
/// use tower_edge::envelope::EnvelopeLayer;
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge::server::HttpService;
///
/// fn app() -> impl HttpService {
///     ServiceBuilder::new()
///         .layer(CorrelationIdLayer::new())
///         .layer(EnvelopeLayer::new(ProblemDetails))
///         .service(Router::new().route("/", get(async || "hello")))
/// }
/// # let _ = app();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be served",
    note = "a `Server` serves a `Service<Request<hyper::body::Incoming>>` whose error is `Infallible`",
    note = "an `EnvelopeLayer` outside turns errors into responses"
)]
pub trait HttpService:
    Service<
        Request<Incoming>,
        Response = Response<Self::ResponseBody>,
        Error = Infallible,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static
{
    /// The body of its responses.
    type ResponseBody: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static;
}

impl<S, B> HttpService for S
where
    S: Service<
            Request<Incoming>,
            Response = Response<B>,
            Error = Infallible,
            Future: Send + 'static,
        > + Clone
        + Send
        + 'static,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type ResponseBody = B;
}
