use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};

use bytes::Bytes;
use http::Method;
use http_body_util::Full;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Ask, PATIENCE, Protocol};

type Client = legacy::Client<HttpConnector, Full<Bytes>>;

/// A gateway in a process of its own, which is killed when this is dropped.
pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    child: Child,
    http_1: Client,
    http_2: Client,
    stderr: JoinHandle<String>,
    stdout: Lines<BufReader<ChildStdout>>,
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
    pub(crate) async fn run(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stderr = child.stderr.take();
        let stderr = tokio::spawn(async move {
            match stderr {
                Some(stderr) => read_all(stderr).await,
                None => String::new(),
            }
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(PATIENCE, stdout.next_line()).await;
        let line = line.expect("a line in time").unwrap();
        let line = line.expect("a gateway that starts");
        let address = line.strip_prefix("listening on http://");
        Self {
            address: address.expect(&line).parse().unwrap(),
            child,
            http_1: client(Protocol::Http1),
            http_2: client(Protocol::Http2),
            stderr,
            stdout,
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

    /// Sends the signal of this name.
    pub(crate) async fn signal(&self, name: &str) {
        let id = self.child.id().expect("a process").to_string();
        let kill = Command::new("kill").args(["-s", name, &id]).status().await;
        assert!(kill.unwrap().success());
    }

    /// How the process ended, what else it said on stdout, and all that it said on stderr where that
    /// is a pipe of the test.
    pub(crate) async fn end(mut self) -> (ExitStatus, String, String) {
        let status = timeout(PATIENCE, self.child.wait()).await;
        let status = status.expect("an end in time").unwrap();
        let mut stdout = String::new();
        let rest = self.stdout.get_mut().read_to_string(&mut stdout);
        timeout(PATIENCE, rest).await.expect("an end").unwrap();
        (status, stdout, self.stderr.await.unwrap())
    }
}

fn client(protocol: Protocol) -> Client {
    let mut connector = HttpConnector::new();
    // A body should not wait until its head has been acknowledged.
    connector.set_nodelay(true);
    legacy::Client::builder(TokioExecutor::new())
        .http2_only(protocol == Protocol::Http2)
        .build(connector)
}

/// The gateway's binary, with nothing of the environment of the tests.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn read_all(mut stream: impl AsyncRead + Unpin) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}
