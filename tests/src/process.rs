//! A server as a process of its own.

use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

use crate::deadline::in_time;

/// A process that listens. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    address: SocketAddr,
    announced: Vec<String>,
    child: Child,
    stderr: JoinHandle<String>,
    stdout: Lines<BufReader<ChildStdout>>,
}

/// The command for a binary, such as `command(env!("CARGO_BIN_EXE_gateway"))`: it inherits no environment,
/// its stdin is empty, and its output is piped.
#[must_use]
pub fn command(binary: &str) -> Command {
    let mut command = Command::new(binary);
    command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs a command that has to end with this status code, print one line on stderr and nothing on stdout.
/// Returns the line.
pub async fn failed_start(mut command: Command, code: i32) -> String {
    let output = in_time(command.output()).await.unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(output.stdout.is_empty(), "{:?}", output.stdout);
    stderr
}

/// Runs a command with `--listen` and a port in use: it has to end with status code 1, and one line that names the port.
pub async fn failed_listen(mut command: Command) {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    command.args(["--listen", &address]);
    let stderr = failed_start(command, 1).await;
    assert!(stderr.contains(&address), "{stderr}");
}

impl Process {
    /// Starts a command, and waits until it prints `listening on http://` and an address.
    pub async fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stderr = child.stderr.take();
        let stderr = tokio::spawn(async move {
            let mut bytes = Vec::new();
            if let Some(mut stderr) = stderr {
                stderr.read_to_end(&mut bytes).await.unwrap();
            }
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut announced = Vec::new();
        let address = loop {
            let line = in_time(stdout.next_line()).await.unwrap();
            let line = line.expect("a process that starts");
            match line.strip_prefix("listening on http://") {
                Some(address) => break address.parse().unwrap(),
                None => announced.push(line),
            }
        };
        Self {
            address,
            announced,
            child,
            stderr,
            stdout,
        }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it printed before that.
    #[must_use]
    pub fn announced(&self) -> &[String] {
        &self.announced
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// The URL of this path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends the signal of this name, such as `TERM`.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("a process").to_string();
        let kill = Command::new("kill").args(["-s", name, &id]).status().await;
        assert!(kill.unwrap().success());
    }

    /// Waits for its end. Returns its status, the rest of its stdout, and its stderr where that is piped here.
    pub async fn end(mut self) -> (ExitStatus, String, String) {
        let end = async {
            let status = self.child.wait().await.unwrap();
            let mut stdout = String::new();
            let rest = self.stdout.get_mut().read_to_string(&mut stdout);
            rest.await.unwrap();
            (status, stdout, self.stderr.await.unwrap())
        };
        in_time(end).await
    }
}
