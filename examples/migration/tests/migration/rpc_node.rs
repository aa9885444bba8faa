use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use migration::rpc_node::{after, before};
use tokio::net::TcpListener;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;
use tower_edge::rate_limit::MemoryStore;
use tower_edge::rate_limit::memory::Clock;

/// Stands still until a test moves it.
#[derive(Clone, Default)]
struct Millis(Arc<AtomicU64>);

impl Clock for Millis {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

async fn before() -> HealthClient<Channel> {
    let (listener, address) = listen().await;
    tokio::spawn(before::serve(listener));
    connect(address)
}

async fn after(clock: &Millis) -> HealthClient<Channel> {
    let (listener, address) = listen().await;
    let store = MemoryStore::new(1024).with_clock(clock.clone());
    tokio::spawn(after::serve(listener, store));
    connect(address)
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn connect(address: SocketAddr) -> HealthClient<Channel> {
    let endpoint = Endpoint::try_from(format!("http://{address}")).unwrap();
    HealthClient::new(endpoint.connect_lazy())
}

/// Calls the node with these fields.
async fn call(
    client: &HealthClient<Channel>,
    fields: &[(&'static str, &str)],
) -> Result<(), Status> {
    call_service(client, "", fields).await
}

async fn call_service(
    client: &HealthClient<Channel>,
    service: &str,
    fields: &[(&'static str, &str)],
) -> Result<(), Status> {
    let service = service.to_owned();
    let mut request = Request::new(HealthCheckRequest { service });
    for (name, value) in fields {
        request.metadata_mut().append(*name, value.parse().unwrap());
    }
    client.clone().check(request).await.map(drop)
}

fn field<'a>(status: &'a Status, name: &str) -> Option<&'a str> {
    status
        .metadata()
        .get(name)
        .map(|value| value.to_str().unwrap())
}

/// The rejections of 200 calls, each 10 ms after the one before where the clock can be moved.
async fn rejections(client: &HealthClient<Channel>, clock: &Millis) -> Vec<Status> {
    let mut rejections = Vec::new();
    for _ in 0..200 {
        rejections.extend(call(client, &[]).await.err());
        clock.0.fetch_add(10, Ordering::Relaxed);
    }
    rejections
}

#[tokio::test]
async fn before_one_call_in_a_hundred_seconds_is_allowed_where_a_hundred_a_second_was_meant() {
    let rejections = rejections(&before().await, &Millis::default()).await;

    assert_eq!(200 - rejections.len(), 20);
    // At the rate that was meant, 200 calls take two seconds.
    let wait: u64 = field(&rejections[0], "retry-after")
        .unwrap()
        .parse()
        .unwrap();
    assert!((3..100).contains(&wait), "{wait}");
}

#[tokio::test]
async fn after_a_hundred_calls_a_second_are_allowed() {
    let clock = Millis::default();

    let rejections = rejections(&after(&clock).await, &clock).await;

    assert_eq!(rejections.len(), 0);
}

#[tokio::test]
async fn after_no_more_than_twenty_calls_at_once_are_allowed() {
    let client = after(&Millis::default()).await;

    for _ in 0..20 {
        call(&client, &[]).await.unwrap();
    }
    let status = call(&client, &[]).await.unwrap_err();

    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(field(&status, "retry-after"), Some("1"));
    let info = status.get_details_retry_info().unwrap();
    assert_eq!(info.retry_delay, Some(Duration::from_millis(10)));
    assert_eq!(field(&status, "grpc-retry-pushback-ms"), Some("10"));
}

#[tokio::test]
async fn before_a_rejection_has_a_code_and_no_details_for_clients_that_retry() {
    let client = before().await;
    for _ in 0..20 {
        call(&client, &[]).await.unwrap();
    }

    let status = call(&client, &[]).await.unwrap_err();

    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.get_details_retry_info().is_none());
    assert_eq!(field(&status, "grpc-retry-pushback-ms"), None);
}

async fn forge(client: &HealthClient<Channel>) -> usize {
    let mut allowed = 0;
    for last in 0..200 {
        let address = format!("203.0.113.{last}");
        let result = call(client, &[("x-forwarded-for", &address)]).await;
        allowed += usize::from(result.is_ok());
    }
    allowed
}

#[tokio::test]
async fn before_who_forges_an_address_for_each_call_is_not_limited() {
    assert_eq!(forge(&before().await).await, 200);
}

#[tokio::test]
async fn after_a_forged_address_is_ignored() {
    assert_eq!(forge(&after(&Millis::default()).await).await, 20);
}

#[tokio::test]
async fn before_a_timeout_is_cancelled_without_an_id() {
    let client = before().await;

    let status = time_out(&client).await;

    assert_eq!(status.code(), Code::Cancelled);
    assert_eq!(field(&status, "x-request-id"), None);
}

#[tokio::test]
async fn after_a_timeout_is_deadline_exceeded_with_an_id() {
    let client = after(&Millis::default()).await;

    let status = time_out(&client).await;

    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(field(&status, "x-request-id").map(str::len), Some(32));
}

/// The status of a call whose handler never ends. Time is paused once there is a connection.
async fn time_out(client: &HealthClient<Channel>) -> Status {
    call(client, &[]).await.unwrap();
    tokio::time::pause();
    call_service(client, "slow", &[]).await.unwrap_err()
}

const CURRENT: &str = "application/vnd.node+grpc; version=1.2.0";
const CURRENT_QUOTED: &str = r#"application/vnd.node+grpc; version="1.2.0""#;
const OLD: &str = "application/vnd.node+grpc; version=1.1.9";

#[tokio::test]
async fn before_the_version_is_read_from_the_first_field_and_not_in_quotes() {
    let client = before().await;

    assert!(call(&client, &[("accept", CURRENT)]).await.is_ok());
    let old = call(&client, &[("accept", OLD)]).await.unwrap_err();
    assert_eq!(old.code(), Code::InvalidArgument);
    let second = call(&client, &[("accept", "*/*"), ("accept", OLD)]).await;
    assert!(second.is_ok());
    let quoted = call(&client, &[("accept", CURRENT_QUOTED)]).await;
    assert_eq!(quoted.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn after_the_version_is_read_from_any_field_and_in_quotes() {
    let client = after(&Millis::default()).await;

    assert!(call(&client, &[("accept", CURRENT)]).await.is_ok());
    for fields in [
        &[("accept", OLD)][..],
        &[("accept", "*/*"), ("accept", OLD)],
    ] {
        let old = call(&client, fields).await.unwrap_err();
        assert_eq!(old.code(), Code::FailedPrecondition);
        let info = old.get_details_error_info().unwrap();
        assert_eq!(info.metadata["min_version"], "1.2.0");
    }
    assert!(call(&client, &[("accept", CURRENT_QUOTED)]).await.is_ok());
}
