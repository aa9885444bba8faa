//! Methods with a stream of messages.

use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;
use tower_edge_tests::in_time;

use crate::service::{client, entry, hello, start, with};

#[tokio::test]
async fn a_stream_of_responses_comes_under_the_id_of_the_call() {
    let service = start().await;
    let mut client = client(&service).await;

    let request = with(
        "a few words".to_owned(),
        &[("x-correlation-id", "req_abc123xyz")],
    );
    let response = in_time(client.split(request)).await.unwrap();

    let id = entry(response.metadata(), "x-correlation-id");
    assert_eq!(id, "req_abc123xyz");
    let words = response.into_inner().collect::<Result<Vec<_>, _>>();
    assert_eq!(in_time(words).await.unwrap(), ["a", "few", "words"]);
}

#[tokio::test]
async fn messages_of_both_streams_take_turns_for_longer_than_the_upstream_timeout() {
    let service = start().await;
    let mut client = client(&service).await;
    let (sender, messages) = mpsc::channel(1);

    let call = client.chat(ReceiverStream::new(messages));
    let mut responses = in_time(call).await.unwrap().into_inner();

    for message in ["one", "two"] {
        sender.send(message.to_owned()).await.unwrap();
        let response = in_time(responses.message()).await.unwrap();
        assert_eq!(response.as_deref(), Some(message));
        // It takes the time of the timeout.
        in_time(client.slow(hello(&[]))).await.unwrap_err();
    }
    drop(sender);
    assert_eq!(in_time(responses.message()).await.unwrap(), None);
}

#[tokio::test]
async fn a_stream_of_a_client_that_is_too_old_is_rejected_before_its_first_message() {
    let service = start().await;
    let mut client = client(&service).await;
    let (_sender, messages) = mpsc::channel::<String>(1);
    let request = with(
        ReceiverStream::new(messages),
        &[("x-client-version", "1.1.9")],
    );

    let status = in_time(client.chat(request)).await.unwrap_err();

    assert_eq!(status.code(), Code::FailedPrecondition);
}
