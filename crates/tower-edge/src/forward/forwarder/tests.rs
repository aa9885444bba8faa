use http::Method;
use http::request::Builder;
use tower_edge_core::PeerAddress;

use super::*;

const PEER: &str = "[::ffff:192.0.2.7]:5000";

fn prepared_by(forwarder: &Forwarder, request: Builder) -> HeaderMap {
    let peer = PeerAddress(PEER.parse().unwrap());
    let mut request = request.extension(peer).body(()).unwrap();
    let flow: ControlFlow<Response<()>> = forwarder.prepare_request(&mut request);
    assert!(flow.is_continue(), "{flow:?}");
    request.into_parts().0.headers
}

fn prepared(request: Builder) -> HeaderMap {
    prepared_by(&Forwarder::new(), request)
}

fn trusting() -> Forwarder {
    Forwarder::new().with_trusted_proxies(["192.0.2.0/24".parse().unwrap()])
}

fn lines(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lines = headers.get_all(name).iter();
    lines
        .map(|line| line.to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn addresses_of_a_peer_that_is_not_trusted_are_replaced_by_its_own() {
    for request in [
        Request::get("/"),
        Request::get("/").header("x-forwarded-for", "198.51.100.1, 203.0.113.5"),
        Request::get("/")
            .header("x-forwarded-for", "198.51.100.1")
            .header("x-forwarded-for", ""),
    ] {
        assert_eq!(lines(&prepared(request), "x-forwarded-for"), ["192.0.2.7"]);
    }
}

#[test]
fn addresses_of_a_trusted_proxy_stand_before_its_own_in_one_line() {
    let request = Request::get("/")
        .header("x-forwarded-for", "198.51.100.1, 203.0.113.5")
        .header("x-forwarded-for", "")
        .header("x-forwarded-for", "10.0.0.1");

    let headers = prepared_by(&trusting(), request);

    assert_eq!(
        lines(&headers, "x-forwarded-for"),
        ["198.51.100.1, 203.0.113.5, 10.0.0.1, 192.0.2.7"]
    );
    let none = prepared_by(&trusting(), Request::get("/").header("x-forwarded-for", ""));
    assert_eq!(lines(&none, "x-forwarded-for"), ["192.0.2.7"]);
}

#[test]
fn without_a_peer_nobody_is_trusted() {
    let everybody = ["0.0.0.0/0", "::/0"].map(|network| network.parse().unwrap());
    let forwarder = Forwarder::new().with_trusted_proxies(everybody);
    let mut request = Request::get("/")
        .header("x-forwarded-for", "198.51.100.1")
        .body(())
        .unwrap();

    let flow: ControlFlow<Response<()>> = forwarder.prepare_request(&mut request);

    assert!(flow.is_continue());
    assert!(!request.headers().contains_key("x-forwarded-for"));
}

#[test]
fn the_host_becomes_what_was_requested_and_no_client_chooses_it() {
    for request in [
        Request::get("/").header("host", "shop.example:81"),
        Request::get("http://me@shop.example:81/").header("host", "other"),
        Request::get("/")
            .header("host", "shop.example:81")
            .header("connection", "host"),
    ] {
        let headers = prepared(request.header("x-forwarded-host", "forged"));

        assert!(!headers.contains_key("host"));
        assert_eq!(lines(&headers, "x-forwarded-host"), ["shop.example:81"]);
    }
}

#[test]
fn host_scheme_and_port_are_those_of_a_trusted_proxy_alone() {
    let request = || {
        Request::get("/")
            .header("host", "inner.example")
            .header("forwarded", "proto=https;host=forged")
            .header("x-forwarded-host", "shop.example")
            .header("x-forwarded-port", "443")
            .header("x-forwarded-prefix", "/forged")
            .header("x-forwarded-proto", "https")
    };

    let trusted = prepared_by(&trusting(), request());
    let untrusted = prepared(request().header("x-forwarded-proto", "wss"));

    assert_eq!(lines(&trusted, "x-forwarded-host"), ["shop.example"]);
    assert_eq!(lines(&trusted, "x-forwarded-port"), ["443"]);
    assert_eq!(lines(&trusted, "x-forwarded-proto"), ["https"]);
    assert_eq!(lines(&untrusted, "x-forwarded-host"), ["inner.example"]);
    assert!(!untrusted.contains_key("x-forwarded-port"));
    assert_eq!(lines(&untrusted, "x-forwarded-proto"), ["http"]);
    for headers in [trusted, untrusted] {
        for name in ["forwarded", "x-forwarded-prefix"] {
            assert!(!headers.contains_key(name), "{name}");
        }
    }
}

#[test]
fn no_client_chooses_what_is_written_even_if_it_is_allowed() {
    let names = X_FORWARDED
        .iter()
        .cloned()
        .chain([X_CORRELATION_ID.clone()]);
    let fields = names.fold(RequestFields::new(), RequestFields::allow);
    let forwarder = Forwarder::new().with_fields(fields);
    let request = X_FORWARDED.iter().fold(Request::get("/"), |request, name| {
        request.header(name, "forged")
    });
    let request = request
        .header("host", "shop.example")
        .header("x-correlation-id", "forged")
        .extension(CorrelationId::from_u128(1));

    let headers = prepared_by(&forwarder, request);

    for name in [
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-correlation-id",
    ] {
        assert_ne!(lines(&headers, name), ["forged"], "{name}");
        assert_eq!(lines(&headers, name).len(), 1, "{name}");
    }
    assert!(!headers.contains_key("x-forwarded-port"));
}

#[test]
fn the_scheme_is_the_one_that_is_served() {
    let forwarder = Forwarder::new().with_scheme(&Scheme::HTTPS);
    let request = Request::get("http://shop.example/").header("x-forwarded-proto", "wss");

    let headers = prepared_by(&forwarder, request);

    assert_eq!(lines(&headers, "x-forwarded-proto"), ["https"]);
}

#[test]
fn the_id_is_that_of_the_extensions_whatever_the_client_sent() {
    let request = || {
        Request::get("/")
            .header("x-correlation-id", "one")
            .header("x-correlation-id", "two")
            .header("x-request-id", "three")
    };

    let headers = prepared(request().extension(CorrelationId::from_u128(255)));
    let without = prepared(request());

    let id = "000000000000000000000000000000ff";
    assert_eq!(lines(&headers, "x-correlation-id"), [id]);
    assert!(!headers.contains_key("x-request-id"));
    assert!(!without.contains_key("x-correlation-id"));
}

// RFC 9110, section 7.6.3.
#[test]
fn via_is_written_on_requests_and_responses() {
    let forwarder = Forwarder::new().with_via(Via::new("edge").unwrap());
    let request = Request::get("/").version(Version::HTTP_2);
    let mut response = Response::builder()
        .version(Version::HTTP_11)
        .header("via", "1.0 fred")
        .header("connection", "x-mine")
        .header("x-mine", "1")
        .body(())
        .unwrap();

    let headers = prepared_by(&forwarder, request.header("via", "1.1 cdn"));
    forwarder.prepare_response(Version::HTTP_2, &mut response);

    assert_eq!(lines(&headers, "via"), ["1.1 cdn, 2.0 edge"]);
    assert_eq!(lines(response.headers(), "via"), ["1.0 fred, 1.1 edge"]);
    assert_eq!(response.headers().len(), 1);
}

fn response_for(client: Version, response: http::response::Builder) -> HeaderMap {
    let mut response = response.version(Version::HTTP_11).body(()).unwrap();
    Forwarder::new().prepare_response(client, &mut response);
    response.into_parts().0.headers
}

// RFC 9110, sections 7.8 and 15.5.22; RFC 9113, section 8.2.2.
#[test]
fn a_426_names_its_protocols_over_http_1_1_alone() {
    let response = |status| {
        Response::builder()
            .status(status)
            .header("connection", "Upgrade, x-mine")
            .header("keep-alive", "timeout=5")
            .header("upgrade", "websocket")
            .header("upgrade", "HTTP/3.0")
            .header("x-mine", "1")
    };

    let required = response_for(Version::HTTP_11, response(426));

    assert_eq!(lines(&required, "connection"), ["upgrade"]);
    assert_eq!(lines(&required, "upgrade"), ["websocket, HTTP/3.0"]);
    assert_eq!(required.len(), 3, "{required:?}");
    for (client, status) in [
        (Version::HTTP_10, 426),
        (Version::HTTP_2, 426),
        (Version::HTTP_3, 426),
        (Version::HTTP_11, 200),
        (Version::HTTP_11, 400),
    ] {
        let headers = response_for(client, response(status));
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["via"], "{client:?}");
    }
}

#[test]
fn a_426_without_protocols_gets_none() {
    for response in [
        Response::builder().status(426),
        Response::builder()
            .status(426)
            .header("connection", "upgrade"),
    ] {
        let headers = response_for(Version::HTTP_11, response);
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["via"]);
    }
}

// RFC 9110, section 7.6.2.
#[test]
fn a_request_whose_forwards_are_used_up_is_not_for_the_upstream() {
    let request = |method: Method, forwards| {
        let request = Request::builder().method(method).uri("/");
        request.header("max-forwards", forwards).body(()).unwrap()
    };

    let mut last = request(Method::OPTIONS, "0");
    let flow: ControlFlow<Response<()>> = Forwarder::new().prepare_request(&mut last);
    let mut other = request(Method::TRACE, "1");
    let passed: ControlFlow<Response<()>> = Forwarder::new().prepare_request(&mut other);

    assert_eq!(flow.break_value().unwrap().status(), 204);
    assert!(passed.is_continue());
    assert_eq!(other.headers()["max-forwards"], "0");
}
