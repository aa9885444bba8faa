//! The requests to the API of `handlers`.

use std::net::SocketAddr;

use http::Method;

use crate::call::Call;
use crate::handlers::MAX_BODY;
use crate::host::{BoxFuture, Host, Upgrade};

/// A host that serves all of the API under this prefix.
pub(crate) fn host(start: fn() -> BoxFuture<'static, SocketAddr>, prefix: &str) -> Host {
    let get = |path: &str| Call::get(&format!("{prefix}{path}"));
    let post = |body: Vec<u8>| Call::post(&format!("{prefix}/echo"), "text/plain", body);
    let problem = "application/problem+json";
    let mut host = Host::new(start, vec![get("/hello")], post(b"hello".to_vec()));
    let unread = vec![b'x'; 60_000];
    let slow = get("/slow").with("x-request-timeout-ms", "50");
    let slow_upload = slow.clone().with_method(Method::POST);
    host.slow = vec![slow, slow_upload.with_body(unread.clone())];
    host.own = vec![
        (get("/nowhere"), "404", problem),
        (get("/hello").with_method(Method::DELETE), "405", problem),
        (post(vec![b'x'; MAX_BODY + 1]), "413", problem),
        (post(unread.clone()), "413", problem),
        (get("/panic"), "500", problem),
        (
            get("/panic").with_method(Method::POST).with_body(unread),
            "500",
            problem,
        ),
    ];
    host.large = Some(get("/large"));
    host.stream = Some(get("/stream"));
    host.trailers = Some(get("/trailers"));
    host.upgrade = Some(Upgrade {
        call: get("/switch")
            .with("connection", "upgrade")
            .with("upgrade", "echo"),
        sent: b"ping".to_vec(),
        received: b"ping".to_vec(),
    });
    host
}
