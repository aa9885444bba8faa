//! How the process begins and ends.

use tokio::net::TcpListener;
use tonic::Code;
use tower_edge_tests::failed_start;

use crate::service::{Client, command, start};

#[tokio::test]
async fn a_bad_flag_is_one_line_and_status_2() {
    let stderr = failed_start(command(&["--listen", "localhost"]), 2).await;

    for part in ["--listen", "localhost", "127.0.0.1:50051"] {
        assert!(stderr.contains(part), "{part} in {stderr}");
    }
}

#[tokio::test]
async fn a_port_in_use_is_a_clear_line_and_status_1() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let stderr = failed_start(command(&["--listen", &address]), 1).await;

    assert!(stderr.contains(&address), "{stderr}");
}

#[tokio::test]
async fn a_call_that_is_under_way_at_sigterm_is_answered_before_status_0() {
    let service = start().await;
    let mut client = Client::of(&service).await;
    // The connection is known to be served, and not only accepted by the system.
    client.call("/edge.Echo/Say", &[]).await.unwrap();

    let (slow, ()) = tokio::join!(client.call("/edge.Echo/Slow", &[]), service.signal("TERM"));
    let (status, stdout, _) = service.end().await;

    assert_eq!(slow.unwrap_err().code(), Code::DeadlineExceeded);
    assert_eq!(status.code(), Some(0));
    assert_eq!(stdout, "");
}
