//! A log that takes nothing stops nothing.

use std::fs::File;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::Instant;

use crate::support::{Gateway, command};

/// Several times what fills the 64 KiB of a pipe.
const REQUESTS: usize = 1200;
/// Far less than the ten seconds of a drain.
const PROMPT: Duration = Duration::from_secs(5);

/// Requests of all sorts, each with a response as if the log were read, and then SIGTERM.
async fn serves_and_ends(mut command: Command) {
    command.args(["--listen", "127.0.0.1:0", "--limit", "burst=100000/1m"]);
    let gateway = Gateway::run(command).await;
    let rows = [
        ("/healthz", 200),
        ("/problem/api/media/abc", 422),
        ("/plexichat/api/upstream/refused", 503),
        ("/routermcp/api/panic", 500),
    ];
    for (path, status) in rows.into_iter().cycle().take(REQUESTS) {
        assert_eq!(gateway.get(path).send().await.status, status, "{path}");
    }

    let started = Instant::now();
    gateway.signal("TERM").await;
    let (status, stdout, _) = gateway.end().await;

    assert_eq!(status.code(), Some(0), "{status}");
    assert!(started.elapsed() < PROMPT, "{:?}", started.elapsed());
    assert_eq!(stdout, "");
}

fn logging_to(stderr: impl Into<Stdio>) -> Command {
    let mut command = command();
    command.stderr(stderr);
    command
}

#[tokio::test]
async fn a_full_disk_stops_nothing() {
    let full = File::options().write(true).open("/dev/full").unwrap();

    serves_and_ends(logging_to(full)).await;
}

#[tokio::test]
async fn a_pipe_that_its_reader_has_closed_stops_nothing() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);

    serves_and_ends(logging_to(writer)).await;
}

#[tokio::test]
async fn a_pipe_that_nobody_reads_stops_nothing() {
    let (reader, writer) = io::pipe().unwrap();

    serves_and_ends(logging_to(writer)).await;

    drop(reader);
}

#[tokio::test]
async fn no_stderr_at_all_stops_nothing() {
    let gateway = command();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "exec \"$0\" \"$@\" 2>&-"])
        .arg(gateway.as_std().get_program())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);

    serves_and_ends(shell).await;
}
