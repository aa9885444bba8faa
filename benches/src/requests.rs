//! The cases that each stack is measured in, their requests, and the handlers that respond.

use std::convert::Infallible;
use std::future::poll_fn;
use std::mem;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use tower::{Service, service_fn};
use tower_edge::rate_limit::Quota;

use crate::layers::{PLENTY, SCARCE};

/// A response, and the request and the quota that lead to it.
pub(crate) struct Case {
    pub(crate) response: &'static str,
    pub(crate) quota: Quota,
    path: &'static str,
    version: &'static str,
    /// The sixth field.
    last: (&'static str, &'static str),
    /// Fields that no layer reads.
    others: &'static [&'static str],
}

pub(crate) const CASES: [Case; 8] = [
    OK,
    Case {
        response: "200_with_id",
        last: ("x-correlation-id", "9b2f0c7e4a1d4f7e8a3b5c6d7e8f9a0b"),
        ..OK
    },
    Case {
        response: "200_15_fields",
        others: &[
            "accept-encoding",
            "accept-language",
            "cache-control",
            "cookie",
            "dnt",
            "referer",
            "sec-fetch-dest",
            "sec-fetch-mode",
            "sec-fetch-site",
        ],
        ..OK
    },
    Case {
        response: "pending",
        path: "/pending",
        ..OK
    },
    Case {
        response: "404",
        path: "/nope",
        ..OK
    },
    Case {
        response: "426",
        version: "1.0.0",
        ..OK
    },
    Case {
        response: "429",
        quota: SCARCE,
        ..OK
    },
    Case {
        response: "504",
        path: "/504",
        ..OK
    },
];

pub(crate) const OK: Case = Case {
    response: "200",
    quota: PLENTY,
    path: "/",
    version: "1.3.0",
    last: ("x-forwarded-for", "192.0.2.1"),
    others: &[],
};

impl Case {
    /// Header fields in a map of their number, and an extension, as a server makes them.
    pub(crate) fn request<B: Default>(&self) -> Request<B> {
        let mut headers = HeaderMap::with_capacity(6 + self.others.len());
        for (name, value) in [
            ("host", "localhost:3000"),
            ("user-agent", "bench/1.0"),
            ("accept", "*/*"),
            ("x-api-key", "pk_test_1234"),
            ("x-client-version", self.version),
            self.last,
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        for name in self.others {
            headers.insert(*name, HeaderValue::from_static("1"));
        }
        let mut request = Request::new(B::default());
        *request.headers_mut() = headers;
        *request.uri_mut() = Uri::from_static(self.path);
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 1))));
        request
    }
}

/// The plain service.
pub(crate) fn handler() -> impl Service<
    Request<Full<Bytes>>,
    Response = Response<Full<Bytes>>,
    Error = Infallible,
    Future = Reply,
> + Clone
+ Send {
    service_fn(|request: Request<Full<Bytes>>| {
        let path = request.uri().path();
        let status = match path {
            "/" | "/pending" => StatusCode::OK,
            "/504" => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::NOT_FOUND,
        };
        Reply {
            response: Some(response(status)),
            is_pending: path == "/pending",
        }
    })
}

/// The router that serves the same, of either axum.
macro_rules! router {
    ($axum:ident) => {
        $axum::Router::new()
            .route("/", $axum::routing::get(async || "hello world"))
            .route(
                "/pending",
                $axum::routing::get(async || {
                    $crate::requests::pause().await;
                    "hello world"
                }),
            )
            .route(
                "/504",
                $axum::routing::get(async || http::StatusCode::GATEWAY_TIMEOUT),
            )
    };
}

pub(crate) use router;

/// A response that is there at once, or after it was pending once, as it is after any I/O.
#[derive(Debug)]
pub(crate) struct Reply {
    response: Option<Response<Full<Bytes>>>,
    is_pending: bool,
}

impl Future for Reply {
    type Output = Result<Response<Full<Bytes>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        if mem::take(&mut self.is_pending) {
            return Poll::Pending;
        }
        let response = self.response.take();
        response.map_or(Poll::Pending, |response| Poll::Ready(Ok(response)))
    }
}

/// Is pending once.
pub(crate) async fn pause() {
    let mut is_pending = true;
    poll_fn(|_| {
        if mem::take(&mut is_pending) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

fn response(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from("hello world"));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
