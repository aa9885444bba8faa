use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::task::Context;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body::Frame;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// An upstream inside this process, on a socket of its own, that can go wrong in all the ways that
/// upstreams do.
#[derive(Debug)]
pub(super) struct Simulator {
    pub(super) base: Uri,
    pub(super) refused: Uri,
}

type Body = BoxBody<Bytes, Infallible>;

impl Simulator {
    pub(super) async fn start() -> io::Result<Self> {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(loopback).await?;
        // A port that is taken and not listened on refuses connections.
        let closed = TcpSocket::new_v4()?;
        closed.bind(loopback)?;
        let simulator = Self {
            base: uri(listener.local_addr()?)?,
            refused: uri(closed.local_addr()?)?,
        };
        tokio::spawn(async move {
            let _closed = closed;
            let accept = |cx: &mut Context<'_>| listener.poll_accept(cx).map(Some);
            serve(stream::poll_fn(accept)).await;
        });
        Ok(simulator)
    }
}

fn uri(address: SocketAddr) -> io::Result<Uri> {
    format!("http://{address}")
        .parse()
        .map_err(io::Error::other)
}

/// Serves what is accepted, for as long as there is any.
async fn serve(
    mut accepted: impl stream::Stream<Item = io::Result<(TcpStream, SocketAddr)>> + Unpin,
) {
    while let Some(accepted) = accepted.next().await {
        let Ok((stream, _)) = accepted else {
            // Out of files, say: those in use will be given back.
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        tokio::spawn(async move {
            // An answer that is an error closes the connection, which is what `reset` is for.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(answer))
                .await;
        });
    }
}

async fn answer(request: Request<Incoming>) -> io::Result<Response<Body>> {
    let name = request.uri().path().trim_start_matches('/');
    Ok(match name {
        "echo" => json_body(
            StatusCode::OK,
            &json!({"headers": echoed(request.headers())}),
        ),
        "error" => json_body(
            StatusCode::INTERNAL_SERVER_ERROR,
            &json!({"trace": "at db.rs:42, password hunter2"}),
        ),
        "ok" => json_body(StatusCode::OK, &json!({"ok": true})),
        "ratelimited" => {
            let mut response = json_body(StatusCode::TOO_MANY_REQUESTS, &json!({}));
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("7"));
            response
        }
        "reset" => return Err(io::ErrorKind::ConnectionReset.into()),
        "slow" => pending().await,
        "stall" => streamed(
            "text/plain",
            stream::iter([Bytes::from_static(b"first\n")]).chain(stream::pending()),
        ),
        "stream" => streamed("text/event-stream", events()),
        name => match name.strip_prefix("media/").and_then(|id| id.parse().ok()) {
            Some(id @ 1..=100_u64) => json_body(
                StatusCode::OK,
                &json!({"id": id, "title": format!("Medium {id}")}),
            ),
            _ => json_body(StatusCode::NOT_FOUND, &json!({"error": "no such medium"})),
        },
    })
}

/// Five events, 300 ms apart.
fn events() -> impl stream::Stream<Item = Bytes> + Send + Sync + 'static {
    stream::iter(1..=5).then(async |number| {
        tokio::time::sleep(Duration::from_millis(300)).await;
        Bytes::from(format!(
            "id: {number}\nevent: tick\ndata: {{\"tick\":{number}}}\n\n"
        ))
    })
}

/// The fields of the request, names in lower case, several values of one name joined.
fn echoed(headers: &HeaderMap) -> Map<String, Value> {
    let mut fields = Map::new();
    for name in headers.keys() {
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        fields.insert(name.to_string(), values.join(", ").into());
    }
    fields
}

fn json_body(status: StatusCode, value: &Value) -> Response<Body> {
    let mut response = Response::new(Full::from(value.to_string()).boxed());
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

fn streamed(
    content_type: &'static str,
    chunks: impl stream::Stream<Item = Bytes> + Send + Sync + 'static,
) -> Response<Body> {
    let frames = chunks.map(|chunk| Ok::<_, Infallible>(Frame::data(chunk)));
    let mut response = Response::new(BoxBody::new(StreamBody::new(frames)));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_waits_before_it_accepts_again_when_files_run_out() {
        let mut attempts = 0;

        let accepted = stream::repeat_with(|| {
            attempts += 1;
            assert!(attempts < 1000, "it spins");
            Err(io::ErrorKind::Other.into())
        });
        let served = timeout(Duration::from_secs(1), serve(accepted)).await;

        assert!(served.is_err());
        assert!(attempts <= 21, "{attempts}");
    }
}
