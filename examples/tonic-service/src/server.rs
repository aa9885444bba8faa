//! The stack of layers, and how it is served.

use std::time::Duration;

use command_line::announce;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Error, Server};
use tonic_health::ServingStatus;
use tonic_web::GrpcWebLayer;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::deadline::TimeoutHeader;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::rate_limit::{
    ApiKey, ClientAddress, KeyExtractor, Limit, MemoryStore, RateLimitLayer,
};
use tower_edge::server::{AccessLogLayer, DrainRequestBodyLayer, WriteTimeoutLayer};
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
/// When the server fails as a whole. A connection that fails affects no other.
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
    let (stop, stopped) = oneshot::channel();
    let server = Server::builder()
        // gRPC-Web comes over HTTP/1.1 too.
        .accept_http1(true)
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .layer(WriteTimeoutLayer::new(WRITE_TIMEOUT))
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
        .layer(GrpcWebLayer::new())
        .add_service(health_service)
        .add_service(reflection)
        .add_service(EchoServer::new(echo))
        .serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            async {
                shutdown.await;
                for service in ["", "edge.Echo"] {
                    health
                        .set_service_status(service, ServingStatus::NotServing)
                        .await;
                }
                let _ = stop.send(());
            },
        );
    Ok(cut_after_drain(server, stopped).await?)
}

/// Waits for the server to end. Cuts the calls that are still open ten seconds after it has `stopped` accepting.
async fn cut_after_drain(
    server: impl Future<Output = Result<(), Error>>,
    stopped: oneshot::Receiver<()>,
) -> Result<(), Error> {
    let drained = async {
        let _ = stopped.await;
        sleep(DRAIN).await;
    };
    tokio::select! {
        result = server => result,
        () = drained => Ok(()),
    }
}

/// How many callers have counts of their own.
const CALLERS: usize = 65_536;
/// Those of `proto/edge.proto`, for reflection.
const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/edge.bin"));
const DRAIN: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(20);
pub(crate) const UPSTREAM_TIMEOUT: Duration = Duration::from_secs(1);
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
