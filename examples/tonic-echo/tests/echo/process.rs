//! How the process begins and ends.

use tokio::net::TcpListener;
use tonic::Code;

use crate::client::Client;
use crate::service::{Service, run};

#[tokio::test]
async fn a_bad_flag_is_one_line_and_status_2() {
    let output = run(&["--listen", "localhost"]).await;

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for part in ["--listen", "localhost", "127.0.0.1:50051"] {
        assert!(stderr.contains(part), "{part} in {stderr}");
    }
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn a_port_in_use_is_a_clear_line_and_status_1() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let output = run(&["--listen", &address]).await;

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(&address), "{stderr}");
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn a_call_that_is_under_way_at_sigterm_is_answered_before_status_0() {
    let service = Service::start().await;
    let mut client = Client::of(&service).await;
    // The connection is known to be served, and not only accepted by the system.
    client.call("/edge.Echo/Say", &[]).await.unwrap();

    let (slow, ()) = tokio::join!(client.call("/edge.Echo/Slow", &[]), service.terminate());
    let (status, stdout) = service.end().await;

    assert_eq!(slow.unwrap_err().code(), Code::DeadlineExceeded);
    assert_eq!(status.code(), Some(0));
    assert_eq!(stdout, "");
}
