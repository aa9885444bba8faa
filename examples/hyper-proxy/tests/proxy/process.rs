//! How the process begins and ends.

use http::Response;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::client::{Client, PATIENCE, get};
use crate::proxy::{Proxy, run};
use crate::upstream::{Nobody, Upstream};

#[tokio::test]
async fn a_bad_flag_is_one_line_and_status_2() {
    let output = run(&["--upstream", "http://127.0.0.1:1", "--timeout", "soon"]).await;

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for part in ["--timeout", "soon", "500ms"] {
        assert!(stderr.contains(part), "{part} in {stderr}");
    }
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn an_upstream_with_credentials_is_status_2_and_they_are_not_shown() {
    let output = run(&["--upstream", "http://me:s3cret@127.0.0.1:1"]).await;

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("without credentials"), "{stderr}");
    assert!(!stderr.contains("s3cret"), "{stderr}");
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn a_port_in_use_is_a_clear_line_and_status_1() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let output = run(&["--upstream", "http://127.0.0.1:1", "--listen", &address]).await;

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(&address), "{stderr}");
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn sigterm_ends_an_idle_proxy_with_status_0_and_nothing_more_on_stdout() {
    let upstream = Nobody::new();
    let proxy = Proxy::before(&upstream.url).await;
    let idle = TcpStream::connect(proxy.address()).await.unwrap();

    proxy.terminate().await;
    let (status, stdout) = proxy.end().await;

    assert_eq!(status.code(), Some(0));
    assert_eq!(stdout, "");
    drop(idle);
}

#[tokio::test]
async fn a_request_that_is_under_way_at_sigterm_is_answered() {
    let mut upstream = Upstream::start().await;
    let proxy = Proxy::with_flags(&upstream.url, &["--timeout", "8s"]).await;
    let url = proxy.url("/");
    let client = tokio::spawn(async move { Client::http_1().send(get(&url)).await });
    let call = upstream.call().await;

    proxy.terminate().await;
    // The port is closed as soon as the signal is seen.
    let closed = async { while TcpStream::connect(proxy.address()).await.is_ok() {} };
    timeout(PATIENCE, closed)
        .await
        .expect("a closed port in time");
    call.answer(Response::new("in time"));
    let answer = client.await.unwrap();
    let (status, _) = proxy.end().await;

    assert_eq!(
        (answer.status().as_u16(), answer.body().as_ref()),
        (200, &b"in time"[..])
    );
    assert_eq!(status.code(), Some(0));
}
