//! A client of the upstream, and an upstream inside of this process for `Relay` and `Slow` without `--upstream`.

use std::future::pending;

use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status};
use tower::ServiceBuilder;
use tower_edge::BoxError;
use tower_edge::client::correlation_id::{PropagateCorrelationId, PropagateCorrelationIdLayer};
use tower_edge::client::deadline::{PropagateDeadline, PropagateDeadlineLayer};
use tower_edge::deadline::TimeoutHeader;
use tower_edge::driver::EdgeService;
use tower_edge::timeout::{UpstreamTimeout, UpstreamTimeoutLayer};

use crate::proto::upstream_client::UpstreamClient;
use crate::proto::upstream_server;
use crate::proto::upstream_server::UpstreamServer;
use crate::server::UPSTREAM_TIMEOUT;

/// Sends the id of the call that is served, and the time that its response is waited for.
pub(crate) type Upstream = UpstreamClient<
    PropagateCorrelationId<EdgeService<PropagateDeadline<Channel>, UpstreamTimeout>>,
>;

/// Connects with the first call.
pub(crate) fn connect(endpoint: &Endpoint) -> Upstream {
    let channel = ServiceBuilder::new()
        .layer(PropagateCorrelationIdLayer::new())
        // The upstream has no streams, so it can always be sent how long it may take.
        .layer(UpstreamTimeoutLayer::new(UPSTREAM_TIMEOUT).with_streams_by(|_, _| false))
        .layer(PropagateDeadlineLayer::new(TimeoutHeader::GrpcTimeout))
        .service(endpoint.connect_lazy());
    UpstreamClient::new(channel)
}

/// Starts an upstream on a port of its own.
///
/// # Errors
///
/// When the system has no port for it.
pub(crate) async fn simulate() -> Result<Endpoint, BoxError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let server = Server::builder().add_service(UpstreamServer::new(Simulator));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    Ok(url.parse()?)
}

struct Simulator;

#[tonic::async_trait]
impl upstream_server::Upstream for Simulator {
    async fn fetch(&self, request: Request<String>) -> Result<Response<String>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    async fn hang(&self, _: Request<String>) -> Result<Response<String>, Status> {
        pending().await
    }
}
