//! How the process begins and ends.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use http::{Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tower_edge_tests::{Client, Nobody, Upstream, failed_listen, failed_start, in_time};

use crate::proxy;
use crate::proxy::command;

#[tokio::test]
async fn a_bad_flag_is_one_line_and_status_2() {
    let stderr = failed_start(
        command(&["--upstream", "http://127.0.0.1:1", "--timeout", "soon"]),
        2,
    )
    .await;

    for part in ["--timeout", "soon", "250ms"] {
        assert!(stderr.contains(part), "{part} in {stderr}");
    }
}

#[tokio::test]
async fn an_upstream_with_credentials_is_status_2_and_they_are_not_shown() {
    let stderr = failed_start(command(&["--upstream", "http://me:s3cret@127.0.0.1:1"]), 2).await;

    assert!(stderr.contains("without credentials"), "{stderr}");
    assert!(!stderr.contains("s3cret"), "{stderr}");
}

#[tokio::test]
async fn a_port_in_use_is_a_clear_line_and_status_1() {
    failed_listen(command(&["--upstream", "http://127.0.0.1:1"])).await;
}

#[tokio::test]
async fn a_variable_that_is_no_text_is_named_with_its_flag() {
    let mut command = command(&["--upstream", "http://127.0.0.1:1"]);
    command.env("EDGE_LISTEN", OsStr::from_bytes(b"\xff"));

    let stderr = failed_start(command, 2).await;

    for part in ["EDGE_LISTEN", "--listen"] {
        assert!(stderr.contains(part), "{part} in {stderr}");
    }
}

/// The port is in use, so that no number of open files is enough.
#[tokio::test]
async fn a_start_without_enough_files_says_what_cannot_be_done() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let proxy = command(&[]);
    for files in ENOUGH_TO_LOAD..=16 {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("ulimit -n {files}; exec \"$0\" \"$@\"")])
            .arg(proxy.as_std().get_program())
            .args(["--upstream", "http://127.0.0.1:1", "--listen", &listen])
            .env_clear()
            .kill_on_drop(true);

        let stderr = failed_start(shell, 1).await;

        assert!(
            stderr.starts_with("hyper-proxy: cannot "),
            "{files}: {stderr}"
        );
    }
}

#[tokio::test]
async fn sigterm_ends_an_idle_proxy_with_status_0_and_nothing_more_on_stdout() {
    let upstream = Nobody::new();
    let proxy = proxy::before(&upstream.url).await;
    let idle = TcpStream::connect(proxy.address()).await.unwrap();

    proxy.signal("TERM").await;
    let (status, stdout, _) = proxy.end().await;

    assert_eq!(status.code(), Some(0));
    assert_eq!(stdout, "");
    drop(idle);
}

#[tokio::test]
async fn a_request_that_is_under_way_at_sigterm_gets_its_response() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::with_flags(&upstream.url, &["--timeout", "8s"]).await;
    let url = proxy.url("/");
    let client = tokio::spawn(async move { Client::http_1().send(Request::get(url)).await });
    let call = upstream.call().await;

    proxy.signal("TERM").await;
    // The port is closed as soon as the signal is seen.
    let closed = async { while TcpStream::connect(proxy.address()).await.is_ok() {} };
    in_time(closed).await;
    call.respond(Response::new("in time"));
    let response = client.await.unwrap();
    let (status, ..) = proxy.end().await;

    assert_eq!(
        (response.status, &response.body[..]),
        (200, &b"in time"[..])
    );
    assert_eq!(status.code(), Some(0));
}

/// tokio itself panics with fewer.
const ENOUGH_TO_LOAD: u32 = 8;
