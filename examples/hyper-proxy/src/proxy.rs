//! The five layers around a client that passes requests on.

use std::convert::Infallible;
use std::ops::ControlFlow;

use bytes::Bytes;
use http::{HeaderName, Request, Response, Uri, Version};
use http_body::Body;
use hyper::body::Incoming;
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{EnvelopeLayer, problem_of};
use tower_edge::forward::{Forwarder, RequestFields, join_path};
use tower_edge::http_client::{HttpClient, IncomingBody};
use tower_edge::rate_limit::{
    ApiKey, ClientAddress, KeyExtractor, Limit, MemoryStore, RateLimitLayer,
};
use tower_edge::server::drain::{DrainRequestBodyLayer, DrainableBody};
use tower_edge::server::{AccessLogLayer, ValidRequestLayer};
use tower_edge::timeout::{RequestBodyTimeoutLayer, TimeoutBody, UpstreamTimeoutLayer};
use tower_edge::version_gate::VersionGateLayer;
use tower_edge::{BoxError, Edge, Kind, Problem, ResponseBody};

use crate::flags::Flags;

/// Serves the proxy until the process gets a signal to end.
///
/// # Errors
///
/// When the address cannot be had.
pub async fn serve(flags: Flags) -> Result<(), BoxError> {
    let server = flags.server.bind().await?;
    server.serve(service(flags)).await;
    Ok(())
}

/// The proxy as a service.
pub fn service(
    flags: Flags,
) -> impl Service<
    Request<Incoming>,
    Response = Response<impl Body<Data = Bytes, Error = BoxError> + Send>,
    Error = Infallible,
    Future: Send,
> + Clone
+ Send {
    let trusted = || flags.trusted_proxies.iter().copied();
    let caller = ApiKey.or(ClientAddress::new().with_trusted_proxies(trusted()));
    let fields = OURS.iter().chain(&flags.forward_fields).cloned();
    let forwarder = Forwarder::new()
        .with_fields(fields.fold(RequestFields::new(), RequestFields::allow))
        .with_trusted_proxies(trusted());
    let client = HttpClient::new().with_max_in_flight(flags.max_upstream_calls);
    ServiceBuilder::new()
        .layer(DrainRequestBodyLayer::new())
        .layer(CorrelationIdLayer::new())
        .layer(AccessLogLayer::new())
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(ValidRequestLayer::new())
        // Half of the upstream's time, which counts while it waits for the client too.
        .layer(RequestBodyTimeoutLayer::new(flags.timeout / 2))
        .layer(
            Edge::new()
                .layer(VersionGateLayer::new(flags.min_version))
                .layer(
                    RateLimitLayer::new(Limit::new(flags.limit.named("proxy"), caller))
                        .with_store(MemoryStore::new(KEYS)),
                )
                // No total: a download may take as long as it goes on.
                .layer(
                    UpstreamTimeoutLayer::new(flags.timeout)
                        .with_idle(flags.timeout)
                        .with_total(None),
                ),
        )
        .service(service_fn(move |request| {
            respond(
                client.clone(),
                flags.upstream.clone(),
                forwarder.clone(),
                request,
            )
        }))
}

/// An error becomes a problem here, and not only in the envelope, so that a 502 too says where the
/// client stands. `IncomingBody` cannot be built, hence `ResponseBody`.
async fn respond(
    client: HttpClient<RequestBody>,
    upstream: Uri,
    forwarder: Forwarder,
    mut request: Request<RequestBody>,
) -> Result<Response<ResponseBody<IncomingBody>>, Infallible> {
    let version = request.version();
    // `OPTIONS` and `TRACE` may be for the proxy itself.
    if let ControlFlow::Break(response) = forwarder.prepare_request(&mut request) {
        return Ok(response);
    }
    Ok(match pass_on(client, upstream, request).await {
        Ok(mut response) => {
            forwarder.prepare_response(version, &mut response);
            // The version is that of each connection, not of the message.
            *response.version_mut() = Version::HTTP_11;
            response.map(ResponseBody::inner)
        }
        Err(error) => problem_of(error).into_empty_response(),
    })
}

async fn pass_on(
    client: HttpClient<RequestBody>,
    upstream: Uri,
    mut request: Request<RequestBody>,
) -> Result<Response<IncomingBody>, BoxError> {
    let path = join_path(upstream.path(), request.uri())?;
    let mut target = upstream.into_parts();
    target.path_and_query = Some(path);
    *request.uri_mut() = target.try_into()?;
    *request.version_mut() = Version::HTTP_11;
    let response = client.oneshot(request).await?;
    // No request can switch protocols, as `Upgrade` ends here.
    if response.status().is_informational() {
        return Err(Problem::new(Kind::UpstreamError).into());
    }
    Ok(response)
}

/// What the layers make of a request's body.
type RequestBody = TimeoutBody<DrainableBody<Incoming>>;
/// What the layers read of a request, and the upstream may need too.
static OURS: [HeaderName; 2] = [
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-client-version"),
];
/// How many callers are counted one by one.
const KEYS: usize = 65_536;
