//! A tonic service: rejections, errors and timeouts are statuses of gRPC.
//!
//! `cargo run -p tower-edge --example tonic --features server,tonic-server`, and then four times, with an empty message:
//!
//! ```console
//! $ printf '\0\0\0\0\0' | curl -si --http2-prior-knowledge -H 'content-type: application/grpc' --data-binary @- \
//!     --output - localhost:50051/grpc.health.v1.Health/Check
//! HTTP/2 200
//! retry-after: 20
//! grpc-status: 8
//! grpc-message: Too many requests; try again later.
//! …
//! ```

use std::time::Duration;

use futures_util::stream::Empty;
use tokio::net::TcpListener;
use tonic::transport::{Server, server::TcpIncoming};
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
use tower_edge::rate_limit::{ClientAddress, Limit, Quota, RateLimitLayer};
use tower_edge::server::DrainRequestBodyLayer;
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::{BoxError, Edge, Kind, Problem};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    serve(TcpListener::bind("127.0.0.1:50051").await?).await
}

async fn serve(listener: TcpListener) -> Result<(), BoxError> {
    let limit = Limit::new(Quota::per_minute(3), ClientAddress::new());
    let edge = Edge::new()
        .layer(CorrelationIdLayer::new())
        // The format is for requests that are not gRPC's, and the domain is in the details of a status.
        .layer(EnvelopeLayer::new(ProblemDetails).with_domain("shop.example"))
        .layer(RateLimitLayer::new(limit))
        .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)));
    let server = Server::builder()
        // Without it, a call that is rejected before its message has come may fail at the client.
        .layer(DrainRequestBodyLayer::new())
        .layer(edge)
        .add_service(HealthServer::new(Shop));
    let incoming = TcpIncoming::from(listener);
    Ok(server.serve_with_incoming(incoming).await?)
}

/// Its methods are those of gRPC's health protocol, so that this example needs no code to be generated.
struct Shop;

type Call<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl Health for Shop {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Call<HealthCheckResponse> {
        match &*request.into_inner().service {
            "" | "orders" => {
                let status = ServingStatus::Serving.into();
                Ok(Response::new(HealthCheckResponse { status }))
            }
            // A `Problem` is a `Status` too.
            _ => Err(Problem::new(Kind::NotFound).into()),
        }
    }

    type WatchStream = Empty<Result<HealthCheckResponse, Status>>;

    async fn watch(&self, _: Request<HealthCheckRequest>) -> Call<Self::WatchStream> {
        Err(Status::unimplemented("watch"))
    }
}

#[cfg(test)]
#[tokio::test]
async fn the_fourth_call_of_a_minute_has_the_status_resource_exhausted() {
    use tonic::Code::{NotFound, Ok, ResourceExhausted};
    use tonic_health::pb::health_client::HealthClient;

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { serve(listener).await.unwrap() });
    let endpoint = tonic::transport::Endpoint::try_from(url).unwrap();
    let mut client = HealthClient::new(endpoint.connect().await.unwrap());

    let mut codes = Vec::new();
    for service in ["", "orders", "x", ""] {
        let service = service.to_owned();
        let result = client.check(HealthCheckRequest { service }).await;
        codes.push(result.map_or_else(|status| status.code(), |_| Ok));
    }
    assert_eq!(codes, [Ok, Ok, NotFound, ResourceExhausted]);
}
