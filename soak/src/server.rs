use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{env, io, mem, thread};

use tokio::time::{Instant, sleep};

use crate::proc_files;

/// A program of the examples in a process of its own, which is killed when this is dropped. Its log is read to the end.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    metrics: Option<SocketAddr>,
    child: Child,
    log: Arc<Mutex<Log>>,
    reader: Option<JoinHandle<()>>,
}

/// What a server shows of itself while it runs.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// Where its metrics are, if its flags say so.
    pub(crate) metrics: Option<SocketAddr>,
    log: Arc<Mutex<Log>>,
}

/// What was logged.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) lines: u64,
    pub(crate) panics: Vec<String>,
    /// That Redis is lost, and that it is back.
    pub(crate) redis: Vec<String>,
    pub(crate) last: String,
}

impl Server {
    /// Starts a program that was built with this one, with a port of its own, and a log as it has by default.
    pub(crate) fn start(name: &'static str, program: &str, flags: &[&str]) -> io::Result<Self> {
        let path = env::current_exe()?.with_file_name(program);
        let missing = |error| {
            let path = path.display();
            io::Error::other(format!("{path}: {error}; `cargo xtask soak` builds it"))
        };
        let mut child = Command::new(&path)
            .args(["--listen", "127.0.0.1:0"])
            .args(flags)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(missing)?;
        let log = Arc::default();
        let reader = child.stderr.take().map(|stderr| {
            let log = Arc::clone(&log);
            thread::spawn(move || read(stderr, &log))
        });
        let (mut address, mut metrics) = (None, None);
        let stdout = child.stdout.take().into_iter();
        for line in stdout.flat_map(|stdout| BufReader::new(stdout).lines()) {
            let line = line?;
            metrics = metrics.or_else(|| announced(&line, "metrics on http://"));
            address = announced(&line, "listening on http://");
            if address.is_some() {
                break;
            }
        }
        let Some(address) = address else {
            let _ = child.kill();
            reader.map(JoinHandle::join);
            let last = mem::take(&mut lock(&log).last);
            return Err(io::Error::other(format!("{name} does not start: {last}")));
        };
        Ok(Self {
            name,
            address,
            metrics,
            child,
            log,
            reader,
        })
    }

    pub(crate) fn shown(&self) -> Shown {
        Shown {
            metrics: self.metrics,
            log: Arc::clone(&self.log),
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
        self.reader.take().map(JoinHandle::join);
        let log = mem::take(&mut *lock(&self.log));
        Ok((status, log))
    }
}

impl Shown {
    /// How often it has logged by now that Redis is lost, or back.
    pub(crate) fn redis_lines(&self) -> usize {
        lock(&self.log).redis.len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn announced(line: &str, before: &str) -> Option<SocketAddr> {
    let address = line.strip_prefix(before)?;
    address.trim_end_matches("/metrics").parse().ok()
}

fn read(stderr: ChildStderr, log: &Mutex<Log>) {
    for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
        lock(log).add(&String::from_utf8_lossy(&line));
    }
}

fn lock(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Log {
    fn add(&mut self, line: &str) {
        self.lines += 1;
        if line.contains("panicked") && self.panics.len() < MAX_PANICS {
            self.panics.push(line.to_owned());
        }
        if line.contains("the Redis server is ") && self.redis.len() < MAX_REDIS {
            self.redis.push(line.to_owned());
        }
        self.last.clear();
        self.last.push_str(line);
    }
}

const POLL: Duration = Duration::from_millis(20);
const MAX_PANICS: usize = 3;
/// One is logged in ten seconds at most.
const MAX_REDIS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_is_announced() {
        let metrics = "metrics on http://127.0.0.1:9000/metrics";

        assert_eq!(announced(metrics, "listening on http://"), None);
        let address = announced(metrics, "metrics on http://");
        assert_eq!(address, Some(([127, 0, 0, 1], 9000).into()));
    }

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
