//! One server.

use std::net::TcpListener;
use std::path::PathBuf;
use std::{env, process};

use super::process::{self as server_process, Process};
use super::resp::Connection;

/// A redis-server on a free port of 127.0.0.1, without persistence; it is killed when this is dropped.
///
/// It is the program that `EDGE_REDIS_SERVER` names, or redis-server.
#[derive(Debug)]
pub struct RedisServer {
    clock: Option<i64>,
    directory: PathBuf,
    flags: Vec<String>,
    port: u16,
    process: Option<Process>,
}

impl RedisServer {
    /// A server as it comes.
    ///
    /// # Panics
    ///
    /// When redis-server is missing.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server with these flags besides, such as `["--requirepass", "secret"]`.
    ///
    /// # Panics
    ///
    /// When redis-server is missing, or refuses its flags.
    #[must_use]
    pub fn with(flags: &[&str]) -> Self {
        Self::at(free_port, None, flags)
    }

    /// A server whose clock is off by that many seconds.
    ///
    /// # Panics
    ///
    /// When the server or faketime is missing.
    #[must_use]
    pub fn with_clock_off(seconds: i64) -> Self {
        let mut server = Self::at(free_port, Some(0), &[]);
        server.set_clock_off(seconds);
        server
    }

    /// A node of a cluster, which talks with others on the port 10,000 above its own.
    pub(super) fn node(flags: &[&str]) -> Self {
        Self::at(|| free_port() - 10_000, None, flags)
    }

    fn at(port: impl Fn() -> u16, clock: Option<i64>, flags: &[&str]) -> Self {
        // Somebody else may be quicker to take the port that was free.
        (0..ATTEMPTS)
            .find_map(|_| Self::try_at(port(), clock, flags))
            .expect("a redis-server that starts with these flags")
    }

    fn try_at(port: u16, clock: Option<i64>, flags: &[&str]) -> Option<Self> {
        // Nobody else's, as no other server listens on this port.
        let name = format!("tower-edge-redis-{}-{port}", process::id());
        let directory = env::temp_dir().join(name);
        let port_text = port.to_string();
        let own = [
            ["--port", &port_text],
            ["--bind", "127.0.0.1"],
            ["--save", ""],
            ["--appendonly", "no"],
            ["--repl-diskless-sync-delay", "0"],
        ];
        let flags: Vec<_> = own
            .as_flattened()
            .iter()
            .chain(flags)
            .map(|&flag| flag.to_owned())
            .collect();
        Some(Self {
            process: Some(Process::start(&directory, clock, &flags)?),
            clock,
            directory,
            flags,
            port,
        })
    }

    /// A second server that copies this one and takes no writes; it has copied all that there is.
    ///
    /// # Panics
    ///
    /// When it does not begin to copy.
    #[must_use]
    pub fn replica(&self) -> Self {
        let replica = Self::start();
        replica.follow(self);
        replica
    }

    /// Copies that server from now on and takes no writes; it has copied all that there is.
    ///
    /// # Panics
    ///
    /// When it does not begin to copy.
    pub fn follow(&self, primary: &Self) {
        self.execute(&["REPLICAOF", "127.0.0.1", &primary.port.to_string()]);
        self.await_copy(primary);
    }

    /// Takes writes, as the primary is gone.
    pub fn lead(&self) {
        self.execute(&["REPLICAOF", "NO", "ONE"]);
    }

    /// Waits until it has copied all that the primary has by now.
    ///
    /// # Panics
    ///
    /// When it has not in time.
    pub fn await_copy(&self, primary: &Self) {
        let written = primary.replicated("master_repl_offset");
        let has_copied = || self.replicated("slave_repl_offset") >= written;
        primary.wait_until("a copy", || {
            let info = self.ask(&["INFO", "replication"]);
            info.contains("master_link_status:up") && has_copied()
        });
    }

    /// A number of bytes, as the server has it under this name; `None` where there is none.
    fn replicated(&self, name: &str) -> Option<u64> {
        let info = self.ask(&["INFO", "replication"]);
        let mut lines = info.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.parse().ok())
    }

    /// Introduces itself to a node of a cluster.
    pub(super) fn meet(&self, other: &Self) {
        self.execute(&["CLUSTER", "MEET", "127.0.0.1", &other.port.to_string()]);
    }

    /// The port that it listens on, also while it is down.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Where clients find it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Sends a command over a connection of its own. The reply is text: the items of an array on a line
    /// each, and an error with its `-`.
    ///
    /// # Panics
    ///
    /// When the server does not reply.
    #[must_use]
    pub fn ask(&self, words: &[&str]) -> String {
        Connection::new(self.port).ask(words)
    }

    /// Sends a command that has to be accepted.
    ///
    /// # Panics
    ///
    /// When it is not.
    pub fn execute(&self, words: &[&str]) {
        let reply = self.ask(words);
        assert!(!reply.starts_with('-'), "{words:?}: {reply}");
    }

    /// Kills it; there is nobody at its address until [`restart`](Self::restart).
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again at its address, empty.
    ///
    /// # Panics
    ///
    /// When somebody else has taken the port.
    pub fn restart(&mut self) {
        self.kill();
        self.process = Some(
            Process::start(&self.directory, self.clock, &self.flags).expect("the port as before"),
        );
    }

    /// The time by its clock, in seconds since the Unix epoch.
    #[must_use]
    pub fn unix_time(&self) -> i64 {
        Connection::new(self.port).unix_time()
    }

    /// Sets its clock off by that many seconds, if it was [started so](Self::with_clock_off).
    ///
    /// # Panics
    ///
    /// When it was not, or faketime is missing.
    pub fn set_clock_off(&mut self, seconds: i64) {
        let step = seconds
            - self
                .clock
                .replace(seconds)
                .expect("a clock that can be set");
        let mut connection = Connection::new(self.port);
        let before = connection.unix_time();
        server_process::set_clock(&self.directory, seconds);
        // Some read the clock ten times a second. What waits on the server waits by that clock.
        let mut has_stepped = || (connection.unix_time() - before - step).abs() < 60;
        assert!(
            (0..LOOKS).any(|_| has_stepped()),
            "faketime is missing: `cargo xtask test` installs it, as does `apt-get install faketime`"
        );
    }

    /// Stops it where it is: connections stay open, and no reply comes until
    /// [`resume`](Self::resume).
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on after [`pause`](Self::pause).
    pub fn resume(&self) {
        self.signal("CONT");
    }

    /// Lets 10 ms at a time pass on the server, which waits so long for replicas that there are not.
    pub(super) fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) {
        let is_so = || {
            is_so() || {
                self.execute(&["WAIT", "100", "10"]);
                false
            }
        };
        assert!((0..TURNS).any(|_| is_so()), "{what} in time");
    }

    fn signal(&self, name: &str) {
        self.process.as_ref().expect("a server").signal(name);
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

const ATTEMPTS: usize = 5;
/// More than there is time for in a second.
const LOOKS: usize = 100_000;
/// Longer than servers need to find each other on a slow machine.
const TURNS: usize = 2000;
