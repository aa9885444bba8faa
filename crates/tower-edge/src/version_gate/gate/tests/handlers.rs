//! What handlers know of the client, and what a request asks of it.

use super::super::super::ClientVersion;
use super::*;

/// What a handler behind the gate sees.
fn seen(gate: &VersionGateLayer<SemVer>, request: Request<()>) -> Option<ClientVersion<SemVer>> {
    let service = gate.layer(service_fn(async |request: Request<()>| {
        let client = request.extensions().get::<ClientVersion<SemVer>>().cloned();
        let mut response = Response::new(String::new());
        if let Some(client) = client {
            response.extensions_mut().insert(client);
        }
        Ok::<_, Infallible>(response)
    }));
    block_on(service.oneshot(request))
        .unwrap()
        .extensions()
        .get()
        .cloned()
}

#[test]
fn a_handler_knows_version_and_platform() {
    let policy = VersionPolicy::builder(VersionRule::new(version("1.2.0")))
        .with_platform("iOS", VersionRule::new(version("1.0.0")));
    let header = Header::default().with_platform(http::HeaderName::from_static("x-platform"));
    let gate = built(policy).with_extractor(header);
    let on = |platform: &'static str| {
        let mut request = request(b"1.2.3");
        request
            .headers_mut()
            .insert("x-platform", HeaderValue::from_static(platform));
        request
    };

    assert_eq!(seen(&gate, on("ios")), None);
    let gate = gate.with_client_version();
    let expected = ClientVersion::new(version("1.2.3"), Some("iOS".into()));
    let client = seen(&gate, on("ios")).unwrap();
    assert_eq!(client, expected);
    assert_eq!(
        (client.version(), client.platform()),
        (&version("1.2.3"), Some("iOS"))
    );
    let expected = ClientVersion::new(version("1.2.3"), None);
    assert_eq!(seen(&gate, on("tizen")), Some(expected));
    assert_eq!(seen(&gate, Request::new(())), None);
}

#[derive(Clone)]
struct Premium;

fn by_user() -> VersionGateLayer<SemVer> {
    let premium = VersionPolicy::builder(VersionRule::new(version("2.0.0"))).build();
    gate().with_policy_by(move |head| {
        let user = head.extensions.get::<Premium>();
        user.and(premium.as_ref().ok()).cloned()
    })
}

fn premium(version: &[u8]) -> Request<()> {
    let mut request = request(version);
    request.extensions_mut().insert(Premium);
    request
}

#[test]
fn a_request_may_have_a_policy_of_its_own() {
    let gate = by_user();

    assert_eq!(send(&gate, request(b"1.2.0")).status(), 200);
    assert_eq!(send(&gate, premium(b"2.0.0")).status(), 200);
    let response = send(&gate, premium(b"1.9.0"));

    assert_eq!(response.status(), 426);
    assert_eq!(&*facts(&response).minimum, "2.0.0");
    assert_eq!(response.headers()["upgrade"], "client/2.0.0");
}

#[test]
fn a_client_too_old_for_everybody_is_sent_what_the_request_needs() {
    let response = send(&by_user(), premium(b"1.1.9"));

    assert_eq!(&*facts(&response).minimum, "2.0.0");
}

#[test]
fn one_gate_may_stand_before_the_authentication_and_one_behind() {
    let authenticate = |mut request: Request<()>| {
        if request.headers().contains_key("authorization") {
            request.extensions_mut().insert(Premium);
        }
        request
    };
    let service = tower::ServiceBuilder::new()
        .layer(gate())
        .map_request(authenticate)
        .layer(by_user())
        .service(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(String::from("served")))
        }));
    let ask = |client: &[u8], is_known: bool| {
        let mut request = request(client);
        if is_known {
            let token = HeaderValue::from_static("Bearer x");
            request.headers_mut().insert("authorization", token);
        }
        block_on(service.clone().oneshot(request))
            .unwrap()
            .status()
            .as_u16()
    };

    assert_eq!((ask(b"1.2.0", false), ask(b"1.2.0", true)), (200, 426));
    assert_eq!((ask(b"1.1.9", false), ask(b"2.0.0", true)), (426, 200));
}
