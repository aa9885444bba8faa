//! The proxy as a process of its own, which ends with the test.

use std::process::{ExitStatus, Output, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::client::PATIENCE;

/// A proxy that is listening; dropping it kills the process.
pub(crate) struct Proxy {
    child: Child,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl Proxy {
    /// Starts the binary on a free port in front of this upstream.
    pub(crate) async fn before(upstream: &str) -> Self {
        Self::with_flags(upstream, &[]).await
    }

    pub(crate) async fn with_flags(upstream: &str, flags: &[&str]) -> Self {
        Self::start(upstream, flags, &mut command(&[])).await
    }

    /// A proxy that logs here what it logs by default.
    pub(crate) async fn logging_to(log: impl Into<Stdio>, upstream: &str, flags: &[&str]) -> Self {
        let mut command = command(&[]);
        command.env_remove("RUST_LOG").stderr(log);
        Self::start(upstream, flags, &mut command).await
    }

    async fn start(upstream: &str, flags: &[&str], command: &mut Command) -> Self {
        let command = command.args(["--listen", "127.0.0.1:0", "--upstream", upstream]);
        let mut child = command.args(flags).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let read = timeout(PATIENCE, stdout.read_line(&mut line)).await;
        read.expect("a line in time").unwrap();
        let url = line.trim_end().strip_prefix("listening on ").expect(&line);
        Self {
            child,
            stdout,
            url: url.to_owned(),
        }
    }

    /// The URL of a path on the proxy.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The address that it listens on.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// Asks the process to end.
    pub(crate) async fn terminate(&self) {
        let id = self.child.id().unwrap();
        let kill = format!("kill -TERM {id}");
        let sent = Command::new("sh").args(["-c", &kill]).status().await;
        assert!(sent.unwrap().success());
    }

    /// How it ended, and what it wrote to stdout after its first line.
    pub(crate) async fn end(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        let end = async {
            self.stdout.read_to_string(&mut rest).await.unwrap();
            self.child.wait().await.unwrap()
        };
        let status = timeout(PATIENCE, end).await.expect("an end in time");
        (status, rest)
    }
}

/// Runs the binary with flags with which it ends at once.
pub(crate) async fn run(flags: &[&str]) -> Output {
    let output = command(flags).stderr(Stdio::piped()).output();
    timeout(PATIENCE, output)
        .await
        .expect("an end in time")
        .unwrap()
}

fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hyper-proxy"));
    command
        .args(flags)
        // What tests provoke is no news.
        .env("RUST_LOG", "off")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}
