//! The stack of layers, and how it is served.

use std::time::Duration;

use command_line::announce;
use http::Request;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_web::GrpcWebLayer;
use tower::ServiceBuilder;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::deadline::TimeoutHeader;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::rate_limit::{
    ApiKey, ClientAddress, KeyExtractor, Limit, MemoryStore, RateLimitLayer,
};
use tower_edge::server::{AccessLogLayer, DrainRequestBodyLayer, Server};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::version_gate::{SemVer, VersionGateLayer};
use tower_edge::{BoxError, Edge};
use tower_http::cors::CorsLayer;

use crate::echo::EchoService;
use crate::proto::echo_server::EchoServer;

/// Serves gRPC and gRPC-Web until `shutdown`. Calls in flight then have ten seconds to end.
///
/// # Errors
///
/// When a setting is wrong.
pub(crate) async fn serve(
    listener: TcpListener,
    echo: EchoService,
    shutdown: impl Future<Output = ()>,
) -> Result<(), BoxError> {
    let caller = ApiKey.or(ClientAddress::new());
    let limits = [
        Limit::new("limited=1/10s".parse()?, caller.clone()).with_paths(["/edge.Echo/Limited"])?,
        Limit::new("relay=5/1m".parse()?, caller).with_paths(["/edge.Echo/Relay"])?,
    ];
    let minimum: SemVer = "1.2.0".parse()?;
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_serving::<EchoServer<EchoService>>().await;
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()?;

    announce(&listener);
    let routes = Routes::new(health_service)
        .add_service(reflection)
        .add_service(EchoServer::new(echo));
    let service = ServiceBuilder::new()
        .layer(DrainRequestBodyLayer::new())
        .layer(CorrelationIdLayer::new())
        .layer(AccessLogLayer::new())
        .layer(CorsLayer::permissive())
        .layer(
            Edge::new()
                // A gRPC request gets a gRPC response. The format is for other requests.
                .layer(EnvelopeLayer::new(ProblemDetails).with_domain("edge.Echo"))
                .layer(VersionGateLayer::new(minimum))
                .layer(RateLimitLayer::new(limits).with_store(MemoryStore::new(CALLERS)))
                .layer(
                    UpstreamTimeoutLayer::new(UPSTREAM_TIMEOUT)
                        .with_deadlines([TimeoutHeader::GrpcTimeout]),
                ),
        )
        .map_request(|request: Request<_>| request.map(Body::new))
        .layer(GrpcWebLayer::new())
        .service(routes.prepare());
    let shutdown = async {
        shutdown.await;
        for service in ["", "edge.Echo"] {
            health
                .set_service_status(service, ServingStatus::NotServing)
                .await;
        }
    };
    // tonic's server would end a call at its `grpc-timeout` outside of the layers: as cancelled, and without an id.
    Server::new().serve(listener, service, shutdown).await;
    Ok(())
}

/// How many callers have counts of their own.
const CALLERS: usize = 65_536;
/// Those of `proto/edge.proto`, for reflection.
const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/edge.bin"));
pub(crate) const UPSTREAM_TIMEOUT: Duration = Duration::from_secs(1);
