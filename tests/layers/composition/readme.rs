//! The stack that the README shows, served over a socket.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower_edge::Edge;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::rate_limit::{ApiKey, ClientAddress, KeyExtractor, Limit, Quota, RateLimitLayer};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::version_gate::{SemVer, VersionGateLayer};

async fn serve(listener: TcpListener) -> Result<(), Box<dyn Error>> {
    let limit = Limit::new(Quota::per_second(20), ApiKey.or(ClientAddress::new()));
    let edge = Edge::new()
        .layer(CorrelationIdLayer::new())
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(VersionGateLayer::new("1.2.0".parse::<SemVer>()?))
        .layer(RateLimitLayer::new(limit))
        .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)));
    let app = Router::new()
        .route("/", get(|| async { "hello" }))
        .layer(edge);
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, app).await?)
}

#[tokio::test]
async fn the_stack_of_the_readme_serves() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();

    let talk = async {
        let served = exchange(address, "/", "1.2.0").await;
        let missing = exchange(address, "/nowhere", "1.2.0").await;
        let outdated = exchange(address, "/", "1.1.9").await;
        (served, missing, outdated)
    };
    let (served, missing, outdated) = tokio::select! {
        responses = talk => responses,
        ended = serve(listener) => panic!("{ended:?}"),
    };

    assert!(served.starts_with("HTTP/1.1 200 OK\r\n"), "{served}");
    assert!(
        served.contains("\r\nx-ratelimit-remaining: 19\r\n"),
        "{served}"
    );
    assert!(served.ends_with("\r\n\r\nhello"), "{served}");
    assert!(
        missing.starts_with("HTTP/1.1 404 Not Found\r\n"),
        "{missing}"
    );
    assert!(missing.contains(r#""title":"Not Found""#), "{missing}");
    assert!(
        outdated.starts_with("HTTP/1.1 426 Upgrade Required\r\n"),
        "{outdated}"
    );
    assert!(
        outdated.contains("\r\nupgrade: client/1.2.0\r\n"),
        "{outdated}"
    );
    for response in [served, missing, outdated] {
        assert!(response.contains("\r\nx-correlation-id: "), "{response}");
    }
}

/// The whole response to a request on a connection of its own.
async fn exchange(address: SocketAddr, path: &str, version: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-api-key: demo\r\n\
         x-client-version: {version}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}
