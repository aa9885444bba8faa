use std::convert::Infallible;

use http_body_util::{BodyExt, Full, StreamBody};

use super::*;

type Streamed =
    StreamBody<futures_util::stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, Infallible>>>>;

fn streamed() -> Streamed {
    let trailers = HeaderMap::from_iter([(http::header::ETAG, "t".parse().unwrap())]);
    let frames = vec![
        Ok(Frame::data(Bytes::from("abc"))),
        Ok(Frame::trailers(trailers)),
    ];
    StreamBody::new(futures_util::stream::iter(frames))
}

#[tokio::test]
async fn data_and_trailers_come_again() {
    let (body, replay) = ReplayBody::new(streamed(), 3);
    let first = body.collect().await.unwrap();
    assert!(replay.is_whole());

    let again = replay.next().collect().await.unwrap();

    assert_eq!(again.trailers(), first.trailers());
    assert_eq!(again.to_bytes(), "abc");
}

#[tokio::test]
async fn a_body_that_was_read_in_part_goes_on_where_it_was() {
    let (mut body, replay) = ReplayBody::new(streamed(), 3);
    body.frame().await.unwrap().unwrap();

    let again = replay.next().collect().await.unwrap();

    assert!(again.trailers().is_some());
    assert_eq!(again.to_bytes(), "abc");
}

#[tokio::test]
async fn a_size_is_exact_in_each_attempt() {
    let (mut body, replay) = ReplayBody::new(Full::new(Bytes::from("abc")), 3);
    assert_eq!(body.size_hint().exact(), Some(3));
    body.frame().await.unwrap().unwrap();
    assert_eq!(
        (body.size_hint().exact(), body.is_end_stream()),
        (Some(0), true)
    );

    let mut again = replay.next();

    assert_eq!(
        (again.size_hint().exact(), again.is_end_stream()),
        (Some(3), false)
    );
    again.frame().await.unwrap().unwrap();
    assert_eq!(
        (again.size_hint().exact(), again.is_end_stream()),
        (Some(0), true)
    );
}

#[tokio::test]
async fn more_than_the_bound_is_sent_and_not_kept() {
    let (body, replay) = ReplayBody::new(streamed(), 2);

    let sent = body.collect().await.unwrap();

    assert_eq!(sent.to_bytes(), "abc");
    assert!(!replay.is_whole());
}

#[tokio::test]
async fn an_earlier_attempt_fails_when_the_next_begins() {
    let (mut body, replay) = ReplayBody::new(streamed(), 3);

    let _next = replay.next();

    assert!(body.frame().await.unwrap().is_err());
}

#[test]
fn an_earlier_attempt_that_waits_for_a_frame_is_woken() {
    let pending = StreamBody::new(futures_util::stream::pending::<
        Result<Frame<Bytes>, Infallible>,
    >());
    let (mut body, replay) = ReplayBody::new(pending, 3);
    let mut frame = tokio_test::task::spawn(body.frame());
    assert!(frame.poll().is_pending());

    let _next = replay.next();

    assert!(frame.is_woken());
}

#[tokio::test]
async fn what_is_kept_is_no_part_of_a_larger_buffer() {
    let buffer = Bytes::from(vec![0; 16 * 1024]);
    let frame = Ok::<_, Infallible>(Frame::data(buffer.slice(..1)));
    let body = StreamBody::new(futures_util::stream::iter([frame]));
    let (body, replay) = ReplayBody::new(body, 3);

    body.collect().await.unwrap();

    assert!(buffer.is_unique());
    assert_eq!(replay.next().collect().await.unwrap().to_bytes().len(), 1);
}

#[tokio::test]
async fn a_body_is_not_read_beyond_its_end() {
    let mut frames = vec![Bytes::from("abc")].into_iter();
    let mut is_over = false;
    let body = StreamBody::new(futures_util::stream::poll_fn(move |_| {
        assert!(!is_over, "read beyond the end");
        let frame = frames.next();
        is_over = frame.is_none();
        Poll::Ready(frame.map(|frame| Ok::<_, Infallible>(Frame::data(frame))))
    }));
    let (body, replay) = ReplayBody::new(body, 3);
    body.collect().await.unwrap();

    let again = replay.next().collect().await.unwrap();

    assert_eq!(again.to_bytes(), "abc");
}
