//! A reverse proxy on hyper: it limits clients, rewrites header fields, and responds with 502 or 504 for its upstream.
//!
//! Run the example `quickstart` as the upstream, or name another server:
//! `cargo run -p tower-edge --example proxy --features forward,http-client,server -- http://127.0.0.1:3000`, and then:
//!
//! ```console
//! $ curl -i localhost:3001/   # while nobody listens on port 3000
//! HTTP/1.1 502 Bad Gateway
//! …
//! {"type":"about:blank","title":"Bad Gateway","status":502,"detail":"The upstream service could not be reached.","error_id":"err_488e9cddeac56d3b"}
//! ```

use std::{env, ops::ControlFlow::Break, time::Duration};

use http::{Request, Response, Uri, Version};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
use tower_edge::forward::{Forwarder, join_path};
use tower_edge::http_client::{HttpClient, IncomingBody};
use tower_edge::rate_limit::{ClientAddress, Limit, Quota, RateLimitLayer};
use tower_edge::server::drain::{DrainRequestBodyLayer, DrainableBody};
use tower_edge::server::{HttpService, Server, shutdown_signal};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::{BoxError, Edge, ResponseBody};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let upstream = env::args().nth(1).ok_or("name an upstream")?;
    let proxy = proxy(upstream.parse()?);
    let listener = TcpListener::bind("127.0.0.1:3001").await?;
    let shutdown = shutdown_signal()?;
    Server::new().serve(listener, proxy, shutdown).await;
    Ok(())
}

fn proxy(upstream: Uri) -> impl HttpService {
    let limit = Limit::new(Quota::per_second(50), ClientAddress::new());
    let edge = Edge::new()
        .layer(CorrelationIdLayer::new())
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(RateLimitLayer::new(limit))
        // A stream may take as long as it goes on.
        .layer(UpstreamTimeoutLayer::new(Duration::from_secs(5)).with_total(None));
    let (client, forwarder) = (HttpClient::new(), Forwarder::new());
    ServiceBuilder::new()
        // A client that is rejected early still gets the response.
        .layer(DrainRequestBodyLayer::new())
        .layer(edge)
        .service(service_fn(move |request| {
            forward(client.clone(), forwarder.clone(), upstream.clone(), request)
        }))
}

async fn forward(
    client: HttpClient<DrainableBody<Incoming>>,
    forwarder: Forwarder,
    upstream: Uri,
    mut request: Request<DrainableBody<Incoming>>,
) -> Result<Response<ResponseBody<IncomingBody>>, BoxError> {
    let version = request.version();
    // `OPTIONS` and `TRACE` may be for the proxy itself.
    if let Break(response) = forwarder.prepare_request(&mut request) {
        return Ok(response);
    }
    let path = join_path(upstream.path(), request.uri())?;
    let mut uri = upstream.into_parts();
    uri.path_and_query = Some(path);
    *request.uri_mut() = uri.try_into()?;
    *request.version_mut() = Version::HTTP_11;
    // The envelope makes a 502 of an error.
    let mut response = client.oneshot(request).await?;
    forwarder.prepare_response(version, &mut response);
    Ok(response.map(ResponseBody::inner))
}

#[cfg(test)]
#[tokio::test]
async fn it_appends_the_path_to_the_upstreams_and_responds_with_502_without_an_upstream() {
    use tower_edge_tests::{Client, Nobody, Upstream, serve};

    let mut upstream = Upstream::start().await;
    let nobody = Nobody::new();
    let api = format!("{}/api", upstream.url).parse().unwrap();
    let address = serve(proxy(api)).await;
    let lost = serve(proxy(nobody.url.parse().unwrap())).await;
    let get = |address| Request::get(format!("http://{address}/tea?cups=2")).header("te", "gzip");

    let client = Client::http_1();
    let ok = upstream.respond(Response::new("green"));
    let (response, sent) = tokio::join!(client.send(get(address)), ok);

    assert_eq!((response.status, response.text()), (200, "green"));
    assert_eq!(sent.uri(), "/api/tea?cups=2");
    assert!(sent.headers().contains_key("via") && !sent.headers().contains_key("te"));
    assert_eq!(client.send(get(lost)).await.status, 502);
}
