//! A redis-server that outlives its test by no more than a moment, as do its files.

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
    /// Returns once the server listens, or `None` when it has ended instead, as when its port is taken.
    pub(super) fn start(directory: &Path, flags: &[String]) -> Option<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", WATCH])
            .arg(directory)
            .args(["redis-server", "--dir"])
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
            assert_installed();
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

fn assert_installed() {
    let version = Command::new("redis-server")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    assert!(
        version.is_ok(),
        "redis-server is missing: `cargo xtask test` installs it, as does `apt-get install redis-server`"
    );
}

/// Tells the id of the server, then leaves stdout to it alone.
const WATCH: &str = r#"
    mkdir -p "$0" && cd "$0" || exit
    "$@" </dev/null & echo $!; exec >&-
    cat >/dev/null
    kill -s KILL $! 2>&-; wait
    cd / && rm -rf "$0"
"#;
