//! Which requests need no version.

use http::Method;

use super::*;

fn strict() -> VersionGateLayer<SemVer> {
    let policy =
        VersionPolicy::builder(VersionRule::new(version("1.2.0"))).with_missing(OnUnknown::Reject);
    built(policy)
}

fn options(fields: &[&'static str]) -> Request<()> {
    let mut request = Request::new(());
    *request.method_mut() = Method::OPTIONS;
    for field in fields {
        request
            .headers_mut()
            .insert(*field, HeaderValue::from_static("GET"));
    }
    request
}

// https://fetch.spec.whatwg.org/#cors-preflight-request
#[test]
fn only_a_real_preflight_is_let_through() {
    let preflight = ["origin", "access-control-request-method"];

    assert_eq!(send(&strict(), options(&preflight)).body(), "served");

    let mut get = options(&preflight);
    *get.method_mut() = Method::GET;
    for request in [
        get,
        options(&[]),
        options(&preflight[..1]),
        options(&preflight[1..]),
    ] {
        assert_eq!(send(&strict(), request).status(), StatusCode::BAD_REQUEST);
    }
}

#[test]
fn what_any_predicate_names_is_exempt_from_everything() {
    let gate = strict()
        .with_exempt(|head| head.uri.path() == "/health")
        .with_exempt(|head| head.method == Method::DELETE)
        .on_event(|event| panic!("{event:?}"));

    for version in [b"1.1.9".as_slice(), b"one"] {
        let mut health = request(version);
        *health.uri_mut() = "/health".parse().unwrap();
        assert_eq!(send(&gate, health).body(), "served");
        let mut delete = request(version);
        *delete.method_mut() = Method::DELETE;
        assert_eq!(send(&gate, delete).body(), "served");
    }
}

#[test]
fn what_is_exempt_is_sent_no_update() {
    let gate = by(VersionRule::new(version("1.2.0")).with_recommended(version("2.0.0")));
    let gate = gate.with_exempt(|_| true);

    assert!(send(&gate, request(b"1.3.0")).headers().is_empty());
}
