//! What tonic's client makes of the responses.

use std::time::Duration;

use tokio::time::Instant;
use tonic::Code;
use tower_edge_tests::in_time;

use crate::service::{client, entry, hello, start};

#[tokio::test]
async fn say_echoes_under_the_id_of_the_call() {
    let service = start().await;
    let mut client = client(&service).await;

    let call = client.say(hello(&[("x-correlation-id", "req_abc123xyz")]));
    let response = in_time(call).await.unwrap();

    assert_eq!(response.get_ref(), "hello");
    let metadata = response.metadata();
    assert_eq!(entry(metadata, "x-correlation-id"), "req_abc123xyz");
    assert!(metadata.get("x-ratelimit-limit").is_none());
}

#[tokio::test]
async fn an_upstream_that_never_responds_is_a_deadline_exceeded_after_a_second() {
    let service = start().await;
    let mut client = client(&service).await;
    let started = Instant::now();

    let status = in_time(client.slow(hello(&[]))).await.unwrap_err();

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
async fn a_client_that_is_too_old_or_names_no_version_is_rejected() {
    let service = start().await;
    let mut client = client(&service).await;

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
        let request = hello(&[
            ("x-client-version", version),
            ("x-correlation-id", "req_abc123xyz"),
        ]);
        let status = in_time(client.say(request)).await.unwrap_err();

        assert_eq!((status.code(), status.message()), (code, message));
        let id = entry(status.metadata(), "x-correlation-id");
        assert_eq!(id, "req_abc123xyz");
    }
    let request = hello(&[("x-client-version", "1.2.0")]);
    assert!(in_time(client.say(request)).await.is_ok());
}

#[tokio::test]
async fn a_panic_is_internal_and_its_text_stays_in_the_process() {
    let service = start().await;
    let mut client = client(&service).await;
    let id = [("x-correlation-id", "req_abc123xyz")];

    let status = in_time(client.panic(hello(&id))).await.unwrap_err();
    let next = in_time(client.say(hello(&id))).await;

    assert_eq!(
        (status.code(), status.message()),
        (Code::Internal, "An unexpected error occurred.")
    );
    assert!(!format!("{status:?}").contains("secret"));
    let id = entry(status.metadata(), "x-correlation-id");
    assert_eq!(id, "req_abc123xyz");
    assert!(next.is_ok(), "the connection goes on");
}
