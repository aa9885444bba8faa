//! Header fields: which go, which stay, which are added.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, Method, Request, Response};
use http_body_util::Full;
use tokio_test::block_on;
use tower::{ServiceBuilder, service_fn};
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{ByAccept, ByPath, EnvelopeLayer, SelectedFormat};
use tower_edge::{BoxError, Head, Kind, Problem};
use tower_edge_formats::{MediaNest, PlexMcp};
use tower_edge_tests::{TestResponse, oneshot};
use tower_http::cors::{Any, CorsLayer};

use crate::response::{FORMATS, enveloped, failed, is_untouched, status, through};

fn with_fields(code: u16, fields: &[&str], extra: Option<Problem>) -> Response<Full<Bytes>> {
    let mut inner_response = status(code).body(Full::from("old")).unwrap();
    for name in fields {
        let name: HeaderName = name.parse().unwrap();
        for value in ["1", "2"] {
            inner_response
                .headers_mut()
                .append(&name, value.parse().unwrap());
        }
    }
    if let Some(problem) = extra {
        inner_response.extensions_mut().insert(problem);
    }
    inner_response
}

#[test]
fn fields_of_the_old_body_go_and_the_others_stay() {
    let about_the_body = [
        "accept-ranges",
        "content-digest",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-md5",
        "content-range",
        "digest",
        "etag",
        "last-modified",
        "repr-digest",
        "trailer",
        "transfer-encoding",
    ];
    let others = [
        "access-control-allow-origin",
        "access-control-expose-headers",
        "allow",
        "cache-control",
        "connection",
        "link",
        "location",
        "proxy-authenticate",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "set-cookie",
        "strict-transport-security",
        "traceparent",
        "upgrade",
        "vary",
        "www-authenticate",
        "x-correlation-id",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    ];
    for problem in [None, Some(Problem::new(Kind::Unauthenticated))] {
        let all = [&about_the_body[..], &others[..]].concat();

        let response = enveloped(with_fields(401, &all, problem));

        for name in about_the_body {
            assert_eq!(response.list(name), "", "{name}");
        }
        for name in others {
            assert_eq!(response.list(name), "1, 2", "{name}");
        }
        assert_eq!(response.list("content-type"), "application/problem+json");
    }
}

#[test]
fn a_code_that_no_problem_says_goes_with_the_old_error() {
    let inner_response = || status(500).header("x-error-code", "THEIRS");
    let named = Problem::new(Kind::Internal);

    let bare = enveloped(inner_response().body(Full::<Bytes>::default()).unwrap());
    let typed = inner_response()
        .extension(named)
        .body(Full::<Bytes>::default());

    assert_eq!(bare.list("x-error-code"), "");
    assert_eq!(enveloped(typed.unwrap()).list("x-error-code"), "THEIRS");
}

#[test]
fn what_was_compressed_inside_has_no_coding_any_more() {
    let inner_response = status(404)
        .header("content-encoding", "gzip")
        .header("content-type", "text/plain")
        .header("vary", "accept-encoding");

    let response = enveloped(
        inner_response
            .body(Full::<Bytes>::from("\u{1f}zipped"))
            .unwrap(),
    );

    assert_eq!(response.list("content-encoding"), "");
    assert_eq!(response.list("vary"), "accept-encoding");
    assert!(response.text().starts_with('{'), "{}", response.text());
}

fn by_accept(accept: &str, response: Response<Full<Bytes>>) -> TestResponse {
    let layer = EnvelopeLayer::select(ByAccept::new(PlexMcp).with(ProblemDetails));
    let request = Request::get("/").header("accept", accept);
    through(&layer, request.body(()).unwrap(), response)
}

// RFC 9110, section 12.5.1: Accept may be disregarded; section 12.5.5: Vary.
// https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
// https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5
#[test]
fn accept_chooses_a_format_and_never_makes_a_406() {
    for (accept, content_type) in [
        ("application/problem+json", "application/problem+json"),
        (
            "application/json;q=0.1, */*;q=0.2",
            "application/problem+json",
        ),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("image/png", "application/json"),
        ("*/*;q=0", "application/json"),
        ("\u{7f}", "application/json"),
    ] {
        let refused = status(404).body(Full::default()).unwrap();
        let Ok(_) = http::HeaderValue::from_str(accept) else {
            continue;
        };

        let response = by_accept(accept, refused);

        assert_eq!(response.status, 404, "{accept}");
        assert_eq!(response.list("content-type"), content_type, "{accept}");
        assert_eq!(response.list("vary"), "accept", "{accept}");
    }
}

#[test]
fn vary_is_added_to_what_was_chosen_and_to_nothing_else() {
    let success = by_accept("*/*", status(200).body(Full::default()).unwrap());
    assert_eq!(success.list("vary"), "");

    let theirs = status(404).header("content-type", "text/html");
    let theirs = by_accept("*/*", theirs.body(Full::default()).unwrap());
    assert_eq!(theirs.list("vary"), "");

    for (existing, vary) in [
        ("origin", "origin, accept"),
        ("*", "*"),
        ("Origin, Accept", "Origin, Accept"),
    ] {
        let refused = status(404).header("vary", existing);
        let refused = by_accept("*/*", refused.body(Full::default()).unwrap());
        assert_eq!(refused.list("vary"), vary);
    }

    let refused = || status(404).body(Full::<Bytes>::default()).unwrap();
    let by_type = SelectedFormat::from(&ProblemDetails).with_vary(CONTENT_TYPE);
    let layer = EnvelopeLayer::select(move |_: Head<'_>| by_type.clone());
    let by_type = through(&layer, Request::new(()), refused());
    assert_eq!(by_type.list("vary"), "content-type");

    let layer = EnvelopeLayer::select(ByPath::new(ProblemDetails).with("/plexmcp", PlexMcp));
    let by_path = through(&layer, Request::new(()), refused());
    assert_eq!(by_path.list("vary"), "", "the path is the resource");
}

/// A preflight, unless it is another method.
fn from_browser(method: Method) -> Request<()> {
    Request::builder()
        .method(method)
        .header("origin", "https://app.example")
        .header("access-control-request-method", "GET")
        .body(())
        .unwrap()
}

#[test]
fn errors_carry_cors_fields_and_preflights_are_not_touched() {
    let service = ServiceBuilder::new()
        .layer(CorsLayer::new().allow_origin(Any).allow_methods(Any))
        .layer(EnvelopeLayer::new(MediaNest))
        .service(service_fn(async |_: Request<()>| {
            Err::<Response<Full<Bytes>>, BoxError>("boom".into())
        }));
    let ask = |method| block_on(oneshot(service.clone(), from_browser(method)));

    let error = ask(Method::GET);
    assert_eq!(error.status, 500);
    assert_eq!(error.list("access-control-allow-origin"), "*");

    let preflight = ask(Method::OPTIONS);
    assert_eq!((preflight.status, preflight.text()), (200, ""));
    assert!(is_untouched(&preflight));
}

// A service of its own, mounted under an envelope, may bring its CORS layer along.
#[test]
fn the_cors_fields_of_an_error_are_kept_by_an_envelope_outside() {
    let service = ServiceBuilder::new()
        .layer(EnvelopeLayer::new(MediaNest))
        .layer(CorsLayer::new().allow_origin(Any).expose_headers(Any))
        .service(service_fn(async |_: Request<()>| {
            let missing = status(404).body(Full::<Bytes>::default());
            Ok::<_, BoxError>(missing.unwrap())
        }));
    let ask = |method| block_on(oneshot(service.clone(), from_browser(method)));

    let error = ask(Method::GET);
    assert_eq!(error.extension::<Problem>().kind(), Kind::RouteNotFound);
    for name in [
        "access-control-allow-origin",
        "access-control-expose-headers",
    ] {
        assert_eq!(error.list(name), "*", "{name}");
    }

    let preflight = ask(Method::OPTIONS);
    assert_eq!((preflight.status, preflight.text()), (200, ""));
    assert_eq!(preflight.list("access-control-allow-origin"), "*");
    assert!(is_untouched(&preflight));
}

#[test]
fn retry_after_is_rounded_up_and_the_first_that_says_it_is_right() {
    let waits = |retry_after: Option<&str>| {
        let problem = Problem::new(Kind::Unavailable).with_retry_after(Duration::from_millis(1001));
        let mut response = Response::new(Full::<Bytes>::default());
        *response.status_mut() = problem.status();
        response.extensions_mut().insert(problem);
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert("retry-after", seconds.parse().unwrap());
        }
        enveloped(response).list("retry-after")
    };

    assert_eq!(waits(None), "2");
    assert_eq!(waits(Some("9")), "9");
    let date = "Wed, 21 Oct 2026 07:28:00 GMT";
    assert_eq!(waits(Some(date)), date);

    let silent = failed(
        &EnvelopeLayer::new(MediaNest),
        Request::new(()),
        Problem::new(Kind::Validation),
    );
    assert_eq!(silent.list("retry-after"), "");
}

// RFC 8259, section 11, and RFC 9457, section 6.1: neither type has parameters. That of JSON:API has `ext` and `profile` alone.
// https://www.rfc-editor.org/rfc/rfc8259#section-11
// https://www.rfc-editor.org/rfc/rfc9457#section-6.1
// https://jsonapi.org/format/1.1/#media-type-parameter-rules
#[test]
fn json_has_no_charset() {
    for (name, format) in FORMATS {
        let response = failed(
            &EnvelopeLayer::new(format),
            Request::new(()),
            Problem::new(Kind::NotFound),
        );

        let content_type = response.list("content-type");
        assert!(
            [
                "application/json",
                "application/problem+json",
                "application/vnd.api+json"
            ]
            .contains(&content_type.as_str()),
            "{name}: {content_type}"
        );
    }
}

// RFC 9110, section 15.5.17: a 416 should have a Content-Range with the current length.
#[test]
fn the_range_of_a_416_stays() {
    let inner_response = status(416)
        .header("content-range", "bytes */47022")
        .header("content-length", "4");

    let response = enveloped(inner_response.body(Full::<Bytes>::from("said")).unwrap());

    assert_eq!(response.list("content-range"), "bytes */47022");
    assert!(!response.headers.contains_key("content-length"));
}
