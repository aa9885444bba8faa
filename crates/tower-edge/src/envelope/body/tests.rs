use std::convert::Infallible;
use std::future::ready;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use tokio_test::block_on;
use tower::{ServiceExt, service_fn};
use tower_edge_core::ResponseBody;
use tower_layer::Layer;

use super::super::{EnvelopeLayer, ProblemEvent};
use super::*;
use tower_edge_formats::{MediaNest, PlexMcp};

mod grpc_web;

#[derive(Clone, Copy)]
enum End {
    Error,
    Panic,
    Wait,
}

/// One chunk, and then no end.
struct Broken {
    chunk: Option<&'static str>,
    end: End,
}

impl Body for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match (self.chunk.take(), self.end) {
            (Some(chunk), _) => Poll::Ready(Some(Ok(Frame::data(chunk.into())))),
            (None, End::Error) => {
                self.end = End::Panic;
                let secret = io::Error::new(io::ErrorKind::ConnectionReset, "secret");
                Poll::Ready(Some(Err(secret)))
            }
            (None, End::Panic) => panic!("secret"),
            (None, End::Wait) => Poll::Pending,
        }
    }
}

/// What a client has of a response: its data, and then an error, trailers or its end.
struct Read {
    data: String,
    end: Result<Option<HeaderMap>, BoxError>,
}

async fn read<B>(body: ResponseBody<B>) -> Read
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut body = std::pin::pin!(body);
    let mut data = String::new();
    let mut trailers = None;
    let end = loop {
        match body.frame().await {
            None => break Ok(trailers),
            Some(Err(error)) => break Err(error),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(chunk) => data.push_str(&String::from_utf8_lossy(&chunk)),
                Err(frame) => trailers = frame.into_trailers().ok(),
            },
        }
    };
    assert!(body.frame().await.is_none(), "what has failed is over");
    Read { data, end }
}

fn responded(
    layer: &EnvelopeLayer,
    request: Request<()>,
    fields: &[(&'static str, &'static str)],
    body: (&'static str, End),
) -> Response<ResponseBody<Broken>> {
    let service = layer.layer(service_fn(|_: Request<()>| {
        let mut response = Response::new(Broken {
            chunk: Some(body.0),
            end: body.1,
        });
        for (name, value) in fields {
            response.headers_mut().insert(*name, value.parse().unwrap());
        }
        ready(Ok::<_, Infallible>(response))
    }));
    block_on(service.oneshot(request)).unwrap()
}

fn plex(fields: &[(&'static str, &'static str)], body: (&'static str, End)) -> Read {
    let layer = EnvelopeLayer::new(PlexMcp);
    block_on(read(
        responded(&layer, Request::new(()), fields, body).into_body(),
    ))
}

fn grpc() -> Request<()> {
    let request = Request::post("/edge.Echo/Say").header("content-type", "application/grpc");
    request.body(()).unwrap()
}

const EVENTS: &[(&str, &str)] = &[("content-type", "text/Event-Stream; charset=utf-8")];

/// All that is emitted, a line each; the list is the test's own.
fn listener() -> (
    Arc<Mutex<Vec<String>>>,
    impl Fn(&ProblemEvent<'_>) + Send + Sync,
) {
    let emitted = Arc::new(Mutex::new(Vec::new()));
    let log = emitted.clone();
    let hook = move |event: &ProblemEvent<'_>| {
        let line = format!(
            "{} {} {} {} {:?}: {}",
            event.key(),
            event.status().as_u16(),
            event.format(),
            event.in_body(),
            event.error_id().map(|id| id.to_string()),
            event.causes(),
        );
        log.lock().unwrap().push(line);
    };
    (emitted, hook)
}

// HTML, 9.2.6: the type of an event is the value of its field `event`.
#[test]
fn an_event_stream_ends_with_an_error_event() {
    for (end, code) in [(End::Error, "mcp_error"), (End::Panic, "internal_error")] {
        let read = plex(EVENTS, ("data: 1\n\n", end));

        let (before, event) = read.data.split_at("data: 1\n\n".len());
        assert_eq!(before, "data: 1\n\n");
        let data = event.strip_prefix("event: error\ndata: ").unwrap();
        let json: serde_json::Value = serde_json::from_str(data).unwrap();
        assert!(data.ends_with("}\n\n"), "{data:?}");
        assert_eq!(json["error"]["code"], code, "{data}");
        assert!(!data.contains("secret"), "{data}");
        assert!(read.end.unwrap().is_none());
    }
}

// HTML, 9.2.6: an event that its stream does not complete is discarded.
#[test]
fn an_event_that_is_cut_is_not_completed() {
    let read = plex(EVENTS, ("data: 1\n\ndata: {\"half\":", End::Error));

    assert!(read.data.ends_with("half\":"), "{}", read.data);
    assert!(read.end.is_err());
}

#[test]
fn an_event_stream_of_a_known_length_or_coding_is_aborted() {
    for fields in [
        &[EVENTS[0], ("content-length", "99")],
        &[EVENTS[0], ("content-encoding", "gzip")],
    ] {
        let read = plex(fields, ("data: 1\n\n", End::Error));

        assert_eq!(read.data, "data: 1\n\n");
        assert!(read.end.is_err());
    }
}

#[test]
fn what_is_no_event_stream_is_aborted_and_the_cause_kept() {
    for end in [End::Error, End::Panic] {
        let read = plex(&[("content-type", "application/json")], ("{\"a\":", end));

        assert_eq!(read.data, "{\"a\":");
        let error = read.end.unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
        let cause = error.source().unwrap().to_string();
        assert!(cause.contains("secret"), "{cause}");
    }
}

// gRPC over HTTP/2: a status after messages travels in trailers.
#[test]
fn a_grpc_response_ends_with_trailers() {
    for listens in [false, true] {
        for (end, status) in [(End::Error, "14"), (End::Panic, "13")] {
            let mut layer = EnvelopeLayer::new(PlexMcp);
            if listens {
                layer = layer.on_problem(listener().1);
            }

            let response = responded(&layer, grpc(), &[], ("message", end));
            let read = block_on(read(response.into_body()));

            let trailers = read.end.unwrap().unwrap();
            assert_eq!(trailers["grpc-status"], status);
            let message = trailers["grpc-message"].to_str().unwrap();
            assert!(
                !message.is_empty() && !message.contains("secret"),
                "{message}"
            );
        }
    }
}

#[test]
fn what_breaks_off_is_emitted_once_with_the_id_that_the_client_has() {
    let (emitted, hook) = listener();
    let layer = EnvelopeLayer::new(MediaNest).on_problem(hook);

    let response = responded(
        &layer,
        Request::new(()),
        EVENTS,
        ("data: 1\n\n", End::Panic),
    );
    let read = block_on(read(response.into_body()));

    let emitted = emitted.lock().unwrap();
    let [line] = emitted.as_slice() else {
        panic!("{emitted:?}")
    };
    let id = read.data.split_once("\"error_id\":").unwrap().1;
    let id = id.split(',').next().unwrap().trim_matches(['"', '}', '\n']);
    assert_eq!(
        *line,
        format!("internal_error 500 medianest true Some({id:?}): the service panicked: secret")
    );
}

#[test]
fn nested_envelopes_emit_once() {
    let (emitted, hook) = listener();
    let layer = EnvelopeLayer::new(PlexMcp).on_problem(hook);
    let broken = || Broken {
        chunk: None,
        end: End::Error,
    };
    let inner = layer.layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(broken()))
    }));
    let outer = layer.layer(inner);

    let response = block_on(outer.oneshot(Request::new(()))).unwrap();
    let read = block_on(read(response.into_body()));

    assert!(read.end.is_err());
    assert_eq!(emitted.lock().unwrap().len(), 1);
}

#[test]
fn a_problem_that_is_written_is_emitted_with_what_was_sent() {
    let (emitted, hook) = listener();
    let layer = EnvelopeLayer::new(MediaNest).on_problem(hook);
    let refuse = || {
        service_fn(async |_: Request<()>| {
            Err::<Response<String>, _>(Problem::new(tower_edge_core::Kind::Validation))
        })
    };

    // 400 in this format, and 200 in gRPC.
    block_on(layer.layer(refuse()).oneshot(Request::new(()))).unwrap();
    block_on(layer.layer(refuse()).oneshot(grpc())).unwrap();

    assert_eq!(
        *emitted.lock().unwrap(),
        [
            "validation_error 400 medianest false None: ",
            "validation_error 422 grpc false None: ",
        ]
    );
}

// Nobody receives a response, so there is no problem: who counts clients that went away does it at the server.
#[test]
fn a_request_that_its_client_gives_up_is_no_problem() {
    let (emitted, hook) = listener();
    let layer = EnvelopeLayer::new(PlexMcp).on_problem(hook);
    let never = layer.layer(service_fn(async |_: Request<()>| {
        std::future::pending::<Result<Response<String>, Infallible>>().await
    }));

    let mut pending = tokio_test::task::spawn(never.oneshot(Request::new(())));
    assert!(pending.poll().is_pending());
    drop(pending);
    let response = responded(&layer, Request::new(()), &[], ("half", End::Wait));
    let mut body = Box::pin(response.into_body());
    block_on(body.frame()).unwrap().unwrap();
    drop(body);

    assert!(emitted.lock().unwrap().is_empty());
}

#[test]
fn a_box_is_used_again_by_the_next_response_on_the_thread() {
    let layer = EnvelopeLayer::new(MediaNest).on_problem(|_| {});
    let kept = || KEPT.with_borrow(Vec::len);
    let respond = || responded(&layer, Request::new(()), &[], ("a", End::Wait));

    let responses = [respond(), respond()];
    drop(responses);
    let both = kept();
    let response = respond();

    assert_eq!((both, kept()), (2, 1));
    drop(response);
    drop([(); MAX_KEPT + 1].map(|()| respond()));
    assert_eq!(kept(), MAX_KEPT);
}
