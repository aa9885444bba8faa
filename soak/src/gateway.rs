use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{env, io, thread};

use tokio::time::{Instant, sleep};

use crate::proc_files;

/// Builds the gateway as this program was built, which puts it beside this program.
///
/// # Errors
///
/// When cargo fails, whose messages go to stderr.
pub(crate) fn build() -> io::Result<PathBuf> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--locked", "--package", "gateway"])
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    if !cargo.status()?.success() {
        return Err(io::Error::other("the gateway does not build"));
    }
    Ok(env::current_exe()?.with_file_name("gateway"))
}

/// A gateway in a process of its own, which is killed when this is dropped. Its log is read to the end.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    child: Child,
    log: Option<JoinHandle<Log>>,
}

/// What was logged.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) lines: u64,
    pub(crate) panics: Vec<String>,
    pub(crate) last: String,
}

impl Gateway {
    /// Starts it with a port of its own, and a log as it has by default.
    pub(crate) fn start(name: &'static str, program: &Path, flags: &[&str]) -> io::Result<Self> {
        let mut child = Command::new(program)
            .args(["--listen", "127.0.0.1:0"])
            .args(flags)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let log = child.stderr.take();
        let log = log.map(|stderr| thread::spawn(move || Log::of(stderr)));
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.and_then(|address| address.parse().ok());
        match address {
            Some(address) => Ok(Self {
                name,
                address,
                child,
                log,
            }),
            None => {
                let _ = child.kill();
                let log = log.and_then(|log| log.join().ok()).unwrap_or_default();
                Err(io::Error::other(format!("it does not start: {}", log.last)))
            }
        }
    }

    pub(crate) fn resident_kib(&self) -> io::Result<f64> {
        proc_files::resident_kib(self.child.id())
    }

    pub(crate) fn descriptors(&self) -> io::Result<usize> {
        proc_files::descriptors(self.child.id())
    }

    /// How many connections of clients it holds.
    pub(crate) fn connections(&self) -> io::Result<usize> {
        proc_files::connections(self.address.port())
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) -> io::Result<()> {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", "TERM", &id]).status()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other("it cannot be signalled"))
        }
    }

    /// How it ends, and what it has logged; kills it when it takes too long, which is `None`.
    pub(crate) async fn end(mut self, within: Duration) -> io::Result<(Option<ExitStatus>, Log)> {
        let deadline = Instant::now() + within;
        let mut status = self.child.try_wait()?;
        while status.is_none() && Instant::now() < deadline {
            sleep(POLL).await;
            status = self.child.try_wait()?;
        }
        if status.is_none() {
            self.child.kill()?;
        }
        let log = self.log.take().and_then(|log| log.join().ok());
        Ok((status, log.unwrap_or_default()))
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Log {
    fn of(stderr: ChildStderr) -> Self {
        let mut log = Self::default();
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            log.add(&String::from_utf8_lossy(&line));
        }
        log
    }

    fn add(&mut self, line: &str) {
        self.lines += 1;
        if line.contains("panicked") && self.panics.len() < MAX_PANICS {
            self.panics.push(line.to_owned());
        }
        self.last.clear();
        self.last.push_str(line);
    }
}

const POLL: Duration = Duration::from_millis(20);
const MAX_PANICS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_keeps_its_panics_and_counts_the_rest() {
        let mut log = Log::default();

        log.add("INFO request path=/a");
        log.add("thread 'tokio-rt-worker' panicked at src/main.rs:7:1:");
        log.add("INFO request path=/b");

        assert_eq!(log.lines, 3);
        assert_eq!(log.panics.len(), 1);
        assert_eq!(log.last, "INFO request path=/b");
    }
}
