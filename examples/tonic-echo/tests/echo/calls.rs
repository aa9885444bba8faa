//! What tonic's client makes of the answers.

use std::time::Duration;

use tokio::time::Instant;
use tonic::Code;
use tonic_types::StatusExt;

use crate::service::{Client, entry, start};

#[tokio::test]
async fn say_echoes_under_the_id_of_the_call() {
    let service = start().await;
    let mut client = Client::of(&service).await;

    let id = [("x-correlation-id", "req_abc123xyz")];
    let answer = client.call("/edge.Echo/Say", &id).await.unwrap();

    assert_eq!(answer.get_ref(), "hello");
    assert_eq!(
        entry(answer.metadata(), "x-correlation-id"),
        "req_abc123xyz"
    );
    assert!(answer.metadata().get("x-ratelimit-limit").is_none());
}

#[tokio::test]
async fn the_second_limited_call_of_a_key_is_refused_and_told_when_to_come_back() {
    let service = start().await;
    let mut client = Client::of(&service).await;
    let key = [("x-api-key", "a"), ("x-correlation-id", "req_abc123xyz")];

    let first = client.call("/edge.Echo/Limited", &key).await.unwrap();
    let second = client.call("/edge.Echo/Limited", &key).await.unwrap_err();
    let other = client
        .call("/edge.Echo/Limited", &[("x-api-key", "b")])
        .await;
    let unlimited = client.call("/edge.Echo/Say", &key).await;

    assert_eq!(first.get_ref(), "hello");
    assert_eq!(second.code(), Code::ResourceExhausted);
    assert_eq!(second.message(), "Too many requests; try again later.");
    let seconds: u64 = entry(second.metadata(), "retry-after").parse().unwrap();
    let millis: u64 = entry(second.metadata(), "grpc-retry-pushback-ms")
        .parse()
        .unwrap();
    assert!(
        (1..=10).contains(&seconds) && millis.div_ceil(1000) == seconds,
        "{second:?}"
    );
    assert_eq!(
        entry(second.metadata(), "x-correlation-id"),
        "req_abc123xyz"
    );
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

    let first = Client::of(&service)
        .await
        .call("/edge.Echo/Limited", &[])
        .await;
    let second = Client::of(&service)
        .await
        .call("/edge.Echo/Limited", &[])
        .await;

    assert!(first.is_ok());
    assert_eq!(second.unwrap_err().code(), Code::ResourceExhausted);
}

#[tokio::test]
async fn an_upstream_that_never_answers_is_a_deadline_exceeded_after_a_second() {
    let service = start().await;
    let mut client = Client::of(&service).await;
    let started = Instant::now();

    let status = client.call("/edge.Echo/Slow", &[]).await.unwrap_err();

    let took = started.elapsed();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(
        status.message(),
        "The upstream service did not answer in time."
    );
    assert_eq!(entry(status.metadata(), "x-correlation-id").len(), 32);
    assert!(
        took >= Duration::from_secs(1) && took < Duration::from_secs(10),
        "{took:?}"
    );
}

#[tokio::test]
async fn a_client_that_is_too_old_or_names_no_version_is_refused() {
    let service = start().await;
    let mut client = Client::of(&service).await;

    for (version, code, message) in [
        (
            "1.1.9",
            Code::FailedPrecondition,
            "Client version 1.1.9 is no longer supported",
        ),
        (
            "1.2",
            Code::InvalidArgument,
            "Client version has an invalid format",
        ),
    ] {
        let metadata = [
            ("x-client-version", version),
            ("x-correlation-id", "req_abc123xyz"),
        ];
        let status = client.call("/edge.Echo/Say", &metadata).await.unwrap_err();

        assert_eq!(
            (status.code(), status.message()),
            (code, message),
            "{version}"
        );
        assert_eq!(
            entry(status.metadata(), "x-correlation-id"),
            "req_abc123xyz"
        );
    }
    let status = client
        .call("/edge.Echo/Say", &[("x-client-version", "1.2.0")])
        .await;
    assert!(status.is_ok());
}

#[tokio::test]
async fn an_unknown_method_is_unimplemented_as_is_an_unknown_service() {
    let service = start().await;
    let mut client = Client::of(&service).await;

    for (path, message) in [
        ("/edge.Echo/Shout", "No such method"),
        ("/edge.Nobody/Say", ""),
    ] {
        let status = client.call(path, &[]).await.unwrap_err();

        assert_eq!(status.code(), Code::Unimplemented, "{path}");
        assert_eq!(status.message(), message, "{path}");
        assert_eq!(entry(status.metadata(), "x-correlation-id").len(), 32);
    }
}

#[tokio::test]
async fn a_panic_is_internal_and_its_text_is_not_told() {
    let service = start().await;
    let mut client = Client::of(&service).await;
    let id = [("x-correlation-id", "req_abc123xyz")];

    let status = client.call("/edge.Echo/Panic", &id).await.unwrap_err();
    let next = client.call("/edge.Echo/Say", &id).await;

    assert_eq!(
        (status.code(), status.message()),
        (Code::Internal, "An unexpected error occurred.")
    );
    assert!(!format!("{status:?}").contains("secret"));
    assert_eq!(
        entry(status.metadata(), "x-correlation-id"),
        "req_abc123xyz"
    );
    assert!(next.is_ok(), "the connection is served all the same");
}
