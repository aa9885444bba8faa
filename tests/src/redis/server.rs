//! One server.

use std::net::TcpListener;
use std::path::PathBuf;
use std::{env, process};

use super::process::Process;
use super::resp::Connection;

/// A redis-server on a free port of 127.0.0.1, without persistence; it is killed when this is dropped.
#[derive(Debug)]
pub struct RedisServer {
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
        // Somebody else may be quicker to take the port that was free.
        (0..ATTEMPTS)
            .find_map(|_| Self::try_with(free_port(), flags))
            .expect("a redis-server that starts with these flags")
    }

    fn try_with(port: u16, flags: &[&str]) -> Option<Self> {
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
            process: Some(Process::start(&directory, &flags)?),
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
        let replica = Self::with(&["--replicaof", &format!("127.0.0.1 {}", self.port)]);
        let is_up = || {
            replica
                .ask(&["INFO", "replication"])
                .contains("master_link_status:up")
        };
        assert!(
            (0..TURNS).any(|_| is_up() || self.turn()),
            "a replica in time"
        );
        replica
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
    /// When the server does not answer.
    #[must_use]
    pub fn ask(&self, words: &[&str]) -> String {
        Connection::new(self.port).ask(words)
    }

    /// Sends a command that has to be accepted.
    ///
    /// # Panics
    ///
    /// When it is not.
    pub fn tell(&self, words: &[&str]) {
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
        self.process =
            Some(Process::start(&self.directory, &self.flags).expect("the port as before"));
    }

    /// Stops it where it is: connections stay open, and nothing is answered until
    /// [`resume`](Self::resume).
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on after [`pause`](Self::pause).
    pub fn resume(&self) {
        self.signal("CONT");
    }

    /// Lets 10 ms pass on the server, which is how long it waits in vain for so many replicas.
    pub(super) fn turn(&self) -> bool {
        self.tell(&["WAIT", "100", "10"]);
        false
    }

    fn signal(&self, name: &str) {
        self.process.as_ref().expect("a server").signal(name);
    }
}

pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

const ATTEMPTS: usize = 5;
/// Longer than servers need to find each other on a slow machine.
pub(super) const TURNS: usize = 2000;
