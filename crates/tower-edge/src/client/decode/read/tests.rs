use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Frame;
use http_body_util::Full;
use serde_json::json;
use tokio::time::{Instant, Interval, interval};
use tokio_test::block_on;

use super::*;

/// A body without end. It counts the bytes that it has sent.
#[derive(Debug)]
struct Endless<'a> {
    frame: &'static [u8],
    sent: &'a mut usize,
}

impl Body for Endless<'_> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        *self.sent += self.frame.len().max(1);
        Poll::Ready(Some(Ok(Frame::data(self.frame.into()))))
    }
}

/// A body that fails after some data.
#[derive(Debug)]
struct Broken(Option<&'static str>);

impl Body for Broken {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        let data = self.0.take().map(|data| Frame::data(data.into()));
        Poll::Ready(Some(data.ok_or("connection lost")))
    }
}

#[test]
fn no_more_than_the_bound_is_read() {
    for frame in [&b" "[..], b"", &[b' '; 1000], &[b' '; MAX_BODY + 1]] {
        let mut sent = 0;
        let body = Endless {
            frame,
            sent: &mut sent,
        };
        let response = Response::builder().status(500).body(body).unwrap();

        let remote = block_on(decode(response)).unwrap_err();

        assert_eq!(remote.status(), 500);
        assert!(sent < MAX_BODY + frame.len().max(1), "{sent}");
    }
    let long = json!({"error": {"message": "a".repeat(MAX_BODY)}}).to_string();
    let response = Response::builder()
        .status(500)
        .header("content-type", "application/json");
    let response = response.body(Full::new(Bytes::from(long))).unwrap();
    assert_eq!(block_on(decode(response)).unwrap_err().message(), None);
}

#[test]
fn what_came_of_a_body_that_fails_is_read() {
    let response = Response::builder()
        .status(500)
        .header("content-type", "text/plain");
    let response = response.body(Broken(Some("out of cheese"))).unwrap();

    let remote = block_on(decode(response)).unwrap_err();

    assert_eq!(remote.message(), Some("out of cheese"));
}

/// A body that sends a byte every now and then, for ever.
#[derive(Debug)]
struct Drip(Interval);

impl Body for Drip {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let tick = self.0.poll_tick(cx);
        tick.map(|_| Some(Ok(Frame::data(Bytes::from_static(b"a")))))
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_in_time_of_a_body_that_drips_is_read() {
    for (time, expected) in [(MAX_TIME, "aaaa"), (Duration::from_millis(400), "aa")] {
        let response = Response::builder()
            .status(500)
            .header("content-type", "text/plain");
        let drip = Drip(interval(Duration::from_millis(300)));
        let response = response.body(drip).unwrap();
        let started = Instant::now();

        let remote = match time {
            MAX_TIME => decode(response).await,
            _ => decode_within(response, time).await,
        };

        assert_eq!(remote.unwrap_err().message(), Some(expected));
        assert_eq!(started.elapsed(), time);
    }
}
