use std::net::SocketAddr;
use std::process::ExitStatus;

use bytes::Bytes;
use http::Method;
use tokio::process::Command;
use tower_edge_tests::{Client, Process, Protocol, TestResponse, exchange};

use super::Ask;

/// A gateway in a process of its own, which is killed when this is dropped.
pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    http_1: Client,
    http_2: Client,
    process: Process,
}

impl Gateway {
    /// A gateway whose limits nobody reaches, and that has time for its upstream.
    pub(crate) async fn start() -> Self {
        Self::with(&["--limit", "burst=100000/1m", "--timeout", "10s"]).await
    }

    /// A gateway whose limits nobody reaches, and that gives its upstream 200 ms.
    pub(crate) async fn hasty() -> Self {
        Self::with(&["--limit", "burst=100000/1m", "--timeout", "200ms"]).await
    }

    /// A gateway with these flags, and a port of its own.
    pub(crate) async fn with(flags: &[&str]) -> Self {
        let mut command = command();
        command.args(["--listen", "127.0.0.1:0"]).args(flags);
        Self::run(command).await
    }

    /// A gateway that is started by this command.
    pub(crate) async fn run(command: Command) -> Self {
        let process = Process::start(command).await;
        Self {
            address: process.address(),
            http_1: Client::http_1(),
            http_2: Client::http_2(),
            process,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str, body: impl Into<Bytes>) -> Ask<'_> {
        self.ask(Method::POST, path)
            .header("content-type", "application/json")
            .body(body)
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        Ask::new(self, method, path)
    }

    pub(super) const fn client(&self, protocol: Protocol) -> &Client {
        match protocol {
            Protocol::Http1 => &self.http_1,
            Protocol::Http2 => &self.http_2,
        }
    }

    /// The URL of its metrics, where it serves them.
    pub(crate) fn metrics(&self) -> Option<&str> {
        let mut lines = self.process.announced().iter();
        lines.find_map(|line| line.strip_prefix("metrics on "))
    }

    /// The id of its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id().expect("a process")
    }

    /// Sends the signal of this name.
    pub(crate) async fn signal(&self, name: &str) {
        self.process.signal(name).await;
    }

    /// How the process ended, what else it wrote to stdout, and all that it wrote to stderr if that is a pipe of the
    /// test.
    pub(crate) async fn end(self) -> (ExitStatus, String, String) {
        self.process.end().await
    }
}

/// The gateway's binary, with nothing of the environment of the tests.
pub(crate) fn command() -> Command {
    tower_edge_tests::command(env!("CARGO_BIN_EXE_gateway"))
}

/// The response to bytes that a client would not send. The request has to close the connection.
pub(crate) async fn raw(gateway: &Gateway, request: impl AsRef<[u8]>) -> TestResponse {
    exchange(gateway.address, request).await
}
