//! Limits by method, for each caller.

use tonic::Code;
use tonic_types::StatusExt;
use tower_edge_tests::in_time;

use crate::service::{client, entry, hello, start};

#[tokio::test]
async fn the_second_limited_call_of_a_key_is_rejected_with_the_time_to_come_back() {
    let service = start().await;
    let mut client = client(&service).await;
    let key = [("x-api-key", "a"), ("x-correlation-id", "req_abc123xyz")];

    let first = in_time(client.limited(hello(&key))).await.unwrap();
    let second = in_time(client.limited(hello(&key))).await.unwrap_err();
    let other = in_time(client.limited(hello(&[("x-api-key", "b")]))).await;
    let unlimited = in_time(client.say(hello(&key))).await;

    assert_eq!(first.get_ref(), "hello");
    assert_eq!(second.code(), Code::ResourceExhausted);
    assert_eq!(second.message(), "Too many requests; try again later.");
    let metadata = second.metadata();
    let seconds: u64 = entry(metadata, "retry-after").parse().unwrap();
    let pushback = entry(metadata, "grpc-retry-pushback-ms");
    let millis: u64 = pushback.parse().unwrap();
    assert!(
        (1..=10).contains(&seconds) && millis.div_ceil(1000) == seconds,
        "{second:?}"
    );
    assert_eq!(entry(metadata, "x-correlation-id"), "req_abc123xyz");
    let details = second.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!(
        (&*info.reason, &*info.domain),
        ("RATE_LIMITED", "edge.Echo")
    );
    let delay = details.retry_info().unwrap().retry_delay.unwrap();
    assert_eq!(delay.as_nanos().div_ceil(1_000_000), u128::from(millis));
    assert!(other.is_ok() && unlimited.is_ok());
}

#[tokio::test]
async fn without_a_key_the_address_is_limited_over_all_connections() {
    let service = start().await;
    let (mut one, mut other) = (client(&service).await, client(&service).await);

    let first = in_time(one.limited(hello(&[]))).await;
    let second = in_time(other.limited(hello(&[]))).await;

    assert!(first.is_ok());
    assert_eq!(second.unwrap_err().code(), Code::ResourceExhausted);
}

#[tokio::test]
async fn each_method_has_a_limit_of_its_own() {
    let service = start().await;
    let mut client = client(&service).await;
    let key = [("x-api-key", "a")];
    in_time(client.limited(hello(&key))).await.unwrap();

    for left in ["4", "3", "2", "1", "0"] {
        let response = in_time(client.relay(hello(&key))).await.unwrap();

        let metadata = response.metadata();
        assert_eq!(entry(metadata, "x-ratelimit-limit"), "5");
        assert_eq!(entry(metadata, "x-ratelimit-remaining"), left);
    }
    let sixth = in_time(client.relay(hello(&key))).await.unwrap_err();
    assert_eq!(sixth.code(), Code::ResourceExhausted);
    let say = in_time(client.say(hello(&key))).await;
    assert!(say.is_ok());
}
