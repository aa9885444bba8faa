//! How the process begins, logs and ends.

use tonic::{Code, Streaming};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tower_edge_tests::{failed_listen, failed_start, in_time};

use crate::service::{client, command, connect, hello, start};

#[tokio::test]
async fn a_bad_flag_is_one_line_and_status_2() {
    let stderr = failed_start(command(&["--listen", "localhost"]), 2).await;

    for part in ["--listen", "localhost", "127.0.0.1:3000"] {
        assert!(stderr.contains(part), "{part} in {stderr}");
    }
}

#[tokio::test]
async fn an_upstream_with_a_path_is_status_2() {
    let stderr = failed_start(command(&["--upstream", "http://127.0.0.1:1/base"]), 2).await;

    for part in ["--upstream", "/base", "without credentials and path"] {
        assert!(stderr.contains(part), "{part} in {stderr}");
    }
}

#[tokio::test]
async fn a_port_in_use_is_a_clear_line_and_status_1() {
    failed_listen(command(&[])).await;
}

#[tokio::test]
async fn a_call_that_is_under_way_at_sigterm_is_served_before_status_0() {
    let service = start().await;
    let mut client = client(&service).await;
    // The service has the connection, and not only the system.
    in_time(client.say(hello(&[]))).await.unwrap();

    let (slow, ()) = tokio::join!(in_time(client.slow(hello(&[]))), service.signal("TERM"));
    let (status, stdout, stderr) = service.end().await;

    assert_eq!(slow.unwrap_err().code(), Code::DeadlineExceeded);
    assert_eq!(status.code(), Some(0), "{stderr}");
    assert_eq!(stdout, "");
}

#[tokio::test]
async fn health_is_not_serving_from_sigterm_on() {
    let service = start().await;
    let mut client = HealthClient::new(connect(&service).await);
    let mut watches = Vec::new();
    for name in ["", "edge.Echo"] {
        let request = HealthCheckRequest {
            service: name.to_owned(),
        };
        let mut watch = in_time(client.watch(request)).await.unwrap().into_inner();
        assert_eq!(next(&mut watch).await, ServingStatus::Serving);
        watches.push(watch);
    }

    service.signal("TERM").await;

    for mut watch in watches {
        assert_eq!(next(&mut watch).await, ServingStatus::NotServing);
    }
    let (status, ..) = service.end().await;
    assert_eq!(status.code(), Some(0));
}

async fn next(watch: &mut Streaming<HealthCheckResponse>) -> ServingStatus {
    in_time(watch.message()).await.unwrap().unwrap().status()
}

#[tokio::test]
async fn each_call_is_a_line_in_the_log_with_its_id() {
    let service = start().await;
    let mut client = client(&service).await;
    let id = [("x-correlation-id", "req_abc123xyz")];

    in_time(client.say(hello(&id))).await.unwrap();
    service.signal("TERM").await;
    let (_, _, stderr) = service.end().await;

    let line = stderr.lines().find(|line| line.contains("/edge.Echo/Say"));
    assert!(
        line.is_some_and(|line| line.contains("req_abc123xyz")),
        "{stderr}"
    );
}
