//! What a bare response means: no more than its status, its fields and, by a setting, its text say.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{Full, StreamBody};
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{EnvelopeLayer, Format, UpstreamErrorPolicy};
use tower_edge::{BoxError, Kind, Problem};
use tower_edge_formats::{MediaNest, PlexMcp};

use crate::response::{FORMATS, Unread, call, status, through};

/// A bare response with these fields.
fn bare(code: u16, fields: &[(&str, &str)]) -> Response<Full<Bytes>> {
    let response = fields.iter().fold(status(code), |response, (name, value)| {
        response.header(*name, *value)
    });
    response.body(Full::default()).unwrap()
}

fn text(code: u16, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let response = status(code).header("content-type", "text/plain; charset=utf-8");
    response.body(Full::from(text.into())).unwrap()
}

// RFC 9110, section 10.2.3: seconds or a date.
#[test]
fn a_wait_in_a_field_is_in_the_problem_of_every_format() {
    for (policy, content_type) in [
        (UpstreamErrorPolicy::PassThrough, "text/plain"),
        (UpstreamErrorPolicy::Wrap, "text/html"),
        (UpstreamErrorPolicy::Replace, "text/html"),
    ] {
        let fields = [("content-type", content_type), ("retry-after", "120")];
        let waits = |format: &'static dyn Format, request| {
            let layer = EnvelopeLayer::new(format).with_upstream_errors(policy);
            through(&layer, request, bare(503, &fields))
        };

        let details = waits(&ProblemDetails, Request::new(()));
        let medianest = waits(&MediaNest, Request::new(()));
        let grpc = waits(&ProblemDetails, call("application/grpc"));

        assert!(details.text().contains("\"retry_after\":120"), "{policy:?}");
        assert!(
            medianest.text().contains("\"retry_after\":120"),
            "{policy:?}"
        );
        assert_eq!(grpc.list("grpc-retry-pushback-ms"), "120000", "{policy:?}");
        assert_eq!(details.list("retry-after"), "120", "{policy:?}");
    }
}

#[test]
fn a_wait_may_be_past_or_too_long_to_count_or_nonsense() {
    for (value, wait) in [
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(Duration::ZERO)),
        ("99999999999999999999", Some(Problem::MAX_RETRY_AFTER)),
        ("soon", None),
    ] {
        for format in FORMATS {
            let layer = EnvelopeLayer::new(format.1);

            let plain = through(
                &layer,
                Request::new(()),
                bare(503, &[("retry-after", value)]),
            );
            let request = call("application/grpc");
            let grpc = through(&layer, request, bare(503, &[("retry-after", value)]));

            assert_eq!(plain.extension::<Problem>().retry_after(), wait, "{value}");
            assert_eq!(plain.list("retry-after"), value, "what is there stays");
            assert_eq!(grpc.list("grpc-status"), "14");
        }
    }
}

// RFC 9110, sections 10.2.1, 11.6.1 and 15.5.22: what a 405, a 401 and a 426 say.
#[test]
fn what_a_bare_response_says_in_its_fields_is_in_its_problem() {
    for (code, name, value) in [
        (405, "allow", "GET, HEAD"),
        (401, "www-authenticate", "Bearer"),
        (426, "upgrade", "websocket"),
    ] {
        let layer = EnvelopeLayer::new(ProblemDetails);

        let response = through(&layer, Request::new(()), bare(code, &[(name, value)]));

        assert_eq!(response.list(name), value, "{code}");
        let headers = response.extension::<Problem>().headers();
        assert_eq!(headers[name], value, "{code}");
    }
}

// RFC 9110, section 15.5.2: a 401 has a challenge. That of RFC 6750 is what tokens have.
#[test]
fn a_401_that_is_written_has_a_challenge() {
    let challenge = |format: &'static dyn Format, request, response| {
        let layer = EnvelopeLayer::new(format);
        through(&layer, request, response).list("www-authenticate")
    };
    let of_problem = || {
        let mut response = status(401).body(Full::default()).unwrap();
        let problem = Problem::new(Kind::Unauthenticated);
        response.extensions_mut().insert(problem);
        response
    };
    let own = bare(401, &[("www-authenticate", "Basic")]);
    let upstream = bare(401, &[("content-type", "application/json")]);
    let plain = Request::new;

    assert_eq!(
        challenge(&ProblemDetails, plain(()), bare(401, &[])),
        "Bearer"
    );
    assert_eq!(
        challenge(&ProblemDetails, plain(()), of_problem()),
        "Bearer"
    );
    assert_eq!(challenge(&ProblemDetails, plain(()), own), "Basic");
    assert_eq!(challenge(&ProblemDetails, plain(()), upstream), "");
    assert_eq!(challenge(&ProblemDetails, plain(()), bare(403, &[])), "");
    for content_type in ["application/grpc", "application/grpc-web"] {
        let grpc = challenge(&ProblemDetails, call(content_type), of_problem());
        assert_eq!(grpc, "", "{content_type}");
    }
}

// RFC 9110, section 15.5.22: the server requires another protocol.
#[test]
fn a_426_of_another_protocol_says_nothing_of_versions() {
    for (name, format) in FORMATS {
        let fields = [("upgrade", "websocket"), ("connection", "upgrade")];
        let layer = EnvelopeLayer::new(format);

        let response = through(&layer, Request::new(()), bare(426, &fields));

        let problem = response.extension::<Problem>();
        assert_eq!(problem.kind(), Kind::UpgradeRequired, "{name}");
        let text = response.text().to_ascii_lowercase();
        assert!(!text.contains("version"), "{name}: {text}");
        assert!(!response.list("x-error-code").contains("VERSION"), "{name}");
        let kept = if response.status == 426 {
            "websocket"
        } else {
            ""
        };
        assert_eq!(response.list("upgrade"), kept, "{name}");
    }
}

// RFC 9110, sections 11.7.1 and 15.5.22: fields of one status. On HTTP/2 `Upgrade` is an error.
#[test]
fn fields_that_only_a_status_gives_a_meaning_go_with_it() {
    for (code, name) in [
        (407, "proxy-authenticate"),
        (426, "connection"),
        (426, "upgrade"),
    ] {
        let layer = EnvelopeLayer::new(ProblemDetails);

        let plain = through(&layer, Request::new(()), bare(code, &[(name, "x")]));
        let grpc = through(&layer, call("application/grpc"), bare(code, &[(name, "x")]));

        assert_eq!((plain.list(name), grpc.list(name)), ("x".into(), "".into()));
    }
}

// RFC 9110, section 15.6.5: a 504 says that an upstream server did not respond in time, and not which one.
#[test]
fn a_bare_504_is_none_of_the_timeout_layer() {
    for (format, code) in [
        (&ProblemDetails as &dyn Format, "An upstream server"),
        (&MediaNest, "TIMEOUT_ERROR"),
        (&PlexMcp, "gateway_timeout"),
    ] {
        let layer = EnvelopeLayer::new(format);

        let response = through(&layer, Request::new(()), bare(504, &[]));

        let problem = response.extension::<Problem>();
        assert_eq!(problem.kind(), Kind::GatewayTimeout);
        assert!(response.text().contains(code), "{}", response.text());
    }
}

#[test]
fn the_text_of_a_handler_is_replaced_unless_it_is_to_be_kept() {
    let layer = EnvelopeLayer::new(ProblemDetails);
    let keeping = layer.clone().with_client_error_text(true);
    let inner_response = || text(400, "your sku is wrong: use AB-12\n");

    let replaced = through(&layer, Request::new(()), inner_response());
    let kept = through(&keeping, Request::new(()), inner_response());
    let grpc = through(&keeping, call("application/grpc"), inner_response());

    assert!(!replaced.text().contains("sku"), "{}", replaced.text());
    let detail = r#""detail":"your sku is wrong: use AB-12""#;
    assert!(kept.text().contains(detail), "{}", kept.text());
    assert_eq!(grpc.list("grpc-message"), "your sku is wrong: use AB-12");
}

#[test]
fn a_text_that_is_kept_is_bounded_at_a_character() {
    let keeping = EnvelopeLayer::new(ProblemDetails).with_client_error_text(true);
    let frames = [
        &b"a"[..],
        "ü".repeat(400).leak().as_bytes(),
        b"\xc3",
        b"\xbc",
    ];
    let long = frames.into_iter().chain([&[b'x'; 9999][..]]);
    let frames = long.map(|data| Ok::<_, Infallible>(Frame::data(Bytes::from_static(data))));
    let response = status(400).body(StreamBody::new(stream::iter(frames.collect::<Vec<_>>())));

    let kept = through(&keeping, Request::new(()), response.unwrap());

    let problem = kept.extension::<Problem>();
    assert_eq!(problem.message().map(str::len), Some(Problem::MAX_MESSAGE));
    assert!(problem.message().unwrap().starts_with("aüü"));

    let cut = through(&keeping, Request::new(()), text(400, "ü".repeat(2000)));
    let message = cut.extension::<Problem>().message().unwrap().to_owned();
    assert_eq!(message, "ü".repeat(Problem::MAX_MESSAGE / 2));
}

#[test]
fn only_a_text_that_is_there_for_a_client_is_kept() {
    let keeping = EnvelopeLayer::new(ProblemDetails).with_client_error_text(true);
    let message = |request, response: Response<Full<Bytes>>| {
        let response = through(&keeping, request, response);
        response.extension::<Problem>().message().map(str::to_owned)
    };
    let with = |name: &'static str, value| {
        let mut response = text(400, "secret");
        response
            .headers_mut()
            .insert(name, http::HeaderValue::from_static(value));
        response
    };
    let get = || Request::new(());

    assert_eq!(
        message(get(), text(500, "secret")),
        None,
        "a server's error"
    );
    assert_eq!(message(get(), text(400, "")), None);
    assert_eq!(message(get(), text(400, " \n")), None);
    assert_eq!(
        message(get(), text(400, &b"\xff\xfe"[..])),
        None,
        "not UTF-8"
    );
    assert_eq!(message(get(), with("content-encoding", "gzip")), None);
    // To a gRPC client all but gRPC is bare.
    let json = with("content-type", "application/json");
    assert_eq!(message(call("application/grpc"), json), None);
}

#[test]
fn a_text_is_not_waited_for_and_its_panics_are_contained() {
    let keeping = EnvelopeLayer::new(ProblemDetails).with_client_error_text(true);
    let frames = stream::pending::<Result<Frame<Bytes>, BoxError>>();

    let slow = status(400).body(StreamBody::new(frames)).unwrap();
    let slow = through(&keeping, Request::new(()), slow);
    let panics = through(
        &keeping,
        Request::new(()),
        status(400).body(Unread).unwrap(),
    );

    for response in [slow, panics] {
        assert_eq!(response.status, 400);
        assert_eq!(response.extension::<Problem>().message(), None);
    }
}
