//! jsonrpsee's server, with the layers as its HTTP middleware.

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;

use jsonrpsee_server::{RpcModule, Server, ServerConfig};
use tower_edge::BoxError;
use tower_edge::envelope::format::{JsonRpc, RpcErrorStyle};
use tower_edge::envelope::{EnvelopeLayer, JsonRpcIdLayer};
use tower_edge::problem::catalog;
use tower_edge_tests::Protocol;

use crate::call::{Call, Outcomes};
use crate::handlers::{LARGE, MAX_BODY};
use crate::host::{Host, Upgrade};
use crate::stack::stack;

catalog! {
    static ERRORS;
    #[api(RateLimited, code = -32_005)]
    const _;
}

async fn start() -> SocketAddr {
    let mut module = RpcModule::new(());
    module.register_method("hello", |_, (), _| "hello").unwrap();
    module.register_method("large", |_, (), _| LARGE).unwrap();
    module
        .register_async_method("slow", |_, _, _| pending::<()>())
        .unwrap();
    let format = JsonRpc::new(&ERRORS).with_error_style(RpcErrorStyle::HttpStatus);
    let middleware = tower::ServiceBuilder::new()
        .map_err(|never: Infallible| -> BoxError { match never {} })
        .layer(JsonRpcIdLayer::new(64 * 1024))
        .layer(stack!(EnvelopeLayer::new(format)).into_inner());
    let max_body = u32::try_from(MAX_BODY).unwrap();
    let config = ServerConfig::builder().max_request_body_size(max_body);
    let server = Server::builder()
        .set_config(config.build())
        .set_http_middleware(middleware)
        .build("127.0.0.1:0")
        .await
        .unwrap();
    let address = server.local_addr().unwrap();
    let handle = server.start(module);
    tokio::spawn(handle.stopped());
    address
}

fn call(method: &str) -> Call {
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#);
    Call::post("/", "application/json", body).with_outcomes(Outcomes {
        content_type: "application/json",
        ..Outcomes::HTTP
    })
}

pub(crate) const IDS_ARE_IN_THE_BODY: &str =
    "the id that a rejection has stands in the body, which is read for it";

#[tokio::test]
async fn the_layers_hold_in_a_server_of_jsonrpsee() {
    let mut host = Host::new(|| Box::pin(start()), vec![call("hello")], call("hello"));
    host.slow = vec![call("slow").with("x-request-timeout-ms", "50")];
    host.large = Some(call("large"));
    let json = "application/json";
    let too_large = call("hello").with_body(vec![b' '; MAX_BODY + 1]);
    host.own = vec![
        (Call::get("/"), "405", json),
        (call("hello").with("content-type", "text/csv"), "415", json),
        // In JSON already, and so as jsonrpsee writes it.
        (too_large, "413", "application/json; charset=utf-8"),
    ];
    let result = r#"{"jsonrpc":"2.0","id":1,"result":"hello"}"#;
    host.upgrade = Some(websocket(&call("hello").body, result));
    host.except(
        "expect, refused",
        Some(Protocol::Http1),
        "100 to POST",
        IDS_ARE_IN_THE_BODY,
    )
    .verify()
    .await;
}

/// A call over a WebSocket, in one frame each way (<https://www.rfc-editor.org/rfc/rfc6455#section-5.2>).
fn websocket(message: &[u8], reply: &str) -> Upgrade {
    let length = |text: &[u8]| u8::try_from(text.len()).unwrap();
    let call = Call::get("/")
        .with("connection", "upgrade")
        .with("upgrade", "websocket")
        .with("sec-websocket-version", "13")
        .with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    Upgrade {
        call,
        // Masked by zeros.
        sent: [&[0x81, 0x80 | length(message), 0, 0, 0, 0], message].concat(),
        received: [&[0x81, length(reply.as_bytes())], reply.as_bytes()].concat(),
    }
}
