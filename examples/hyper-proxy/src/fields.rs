//! What a reverse proxy changes in header fields.

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::header::COOKIE;
use http::header::FORWARDED;
use http::header::HOST;
use http::request::Parts;
use tower_edge::core::PeerAddress;
use tower_edge::core::TraceContext;
use tower_edge::correlation_id::CorrelationId;
use tower_edge::forward;

/// Makes the fields of a request those that the upstream is meant to see.
pub(crate) fn prepare(request: &mut Parts) {
    // Read before anything is removed: a client may name `Host` in `Connection`.
    let host = asked_host(request);
    let headers = &mut request.headers;
    forward::remove_hop_by_hop(headers);
    TraceContext::remove_invalid(headers);
    // The client sets it from the URL.
    headers.remove(HOST);
    while let Some(name) = headers.keys().find(|name| is_claim(name)).cloned() {
        headers.remove(name);
    }
    if let Some(host) = host {
        headers.insert(&X_FORWARDED_HOST, host);
    }
    // All that is served here.
    headers.insert(&X_FORWARDED_PROTO, HeaderValue::from_static("http"));
    if let Some(PeerAddress(peer)) = request.extensions.get() {
        let peer = peer.ip().to_canonical().to_string();
        headers.extend(HeaderValue::try_from(peer).map(|peer| (X_FORWARDED_FOR.clone(), peer)));
    }
    fold(headers, &X_FORWARDED_FOR, b", ");
    // HTTP/2 may split the field (RFC 9113, section 8.2.3), HTTP/1.1 may not.
    fold(headers, &COOKIE, b"; ");
    // It may be one that was not taken, and would be believed behind us.
    headers.remove(&X_REQUEST_ID);
    if let Some(id) = request.extensions.get::<CorrelationId>() {
        headers.insert(&X_CORRELATION_ID, id.header_value().clone());
    }
}

/// Whether this is what a client says of its own connection, which the upstream would believe of us. The
/// addresses are kept, since whose they are can be seen by their order.
fn is_claim(name: &HeaderName) -> bool {
    *name == FORWARDED || (name.as_str().starts_with("x-forwarded-") && *name != X_FORWARDED_FOR)
}

/// The host that the client asked for: in HTTP/2 that is `:authority`.
fn asked_host(request: &Parts) -> Option<HeaderValue> {
    match request.uri.authority() {
        // Credentials are nobody's host.
        Some(authority) => {
            let host = authority.as_str().rsplit('@').next()?;
            HeaderValue::from_str(host).ok()
        }
        None => request.headers.get(HOST).cloned(),
    }
}

/// Writes the lines of a field as one, since many a reader takes the first for the whole.
fn fold(headers: &mut HeaderMap, name: &HeaderName, separator: &[u8]) {
    let lines = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    if lines.len() > 1
        && let Ok(line) = HeaderValue::from_bytes(&lines.join(separator))
    {
        headers.insert(name, line);
    }
}

static X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
static X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn prepared(request: http::request::Builder) -> HeaderMap {
        let peer = PeerAddress("[::ffff:192.0.2.7]:5000".parse().unwrap());
        let (mut parts, ()) = request.extension(peer).body(()).unwrap().into_parts();
        prepare(&mut parts);
        parts.headers
    }

    #[test]
    fn the_peer_stands_last_in_one_line() {
        let request = Request::get("/")
            .header("x-forwarded-for", "198.51.100.1, 203.0.113.5")
            .header("x-forwarded-for", "10.0.0.1");

        let headers = prepared(request);

        let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
        assert_eq!(lines, ["198.51.100.1, 203.0.113.5, 10.0.0.1, 192.0.2.7"]);
    }

    #[test]
    fn the_host_becomes_what_was_asked_for_and_no_client_chooses_it() {
        for request in [
            Request::get("/").header("host", "shop.example:81"),
            Request::get("http://me@shop.example:81/").header("host", "other"),
            Request::get("/")
                .header("host", "shop.example:81")
                .header("connection", "host"),
        ] {
            let headers = prepared(request.header("x-forwarded-host", "forged"));

            assert!(!headers.contains_key("host"));
            assert_eq!(headers["x-forwarded-host"], "shop.example:81");
        }
    }

    #[test]
    fn what_a_client_says_of_its_connection_is_replaced() {
        let headers = prepared(
            Request::get("/")
                .header("forwarded", "proto=https;host=forged")
                .header("x-forwarded-port", "443")
                .header("x-forwarded-prefix", "/forged")
                .header("x-forwarded-proto", "https")
                .header("x-forwarded-proto", "wss"),
        );

        let schemes: Vec<_> = headers.get_all("x-forwarded-proto").iter().collect();
        assert_eq!(schemes, ["http"]);
        for name in ["forwarded", "x-forwarded-port", "x-forwarded-prefix"] {
            assert!(!headers.contains_key(name), "{name}");
        }
    }

    #[test]
    fn cookies_that_http_2_has_split_are_one_field_again() {
        let headers = prepared(
            Request::get("/")
                .header("cookie", "a=1")
                .header("cookie", "b=2"),
        );

        assert_eq!(
            headers.get_all("cookie").iter().collect::<Vec<_>>(),
            ["a=1; b=2"]
        );
    }

    #[test]
    fn the_id_is_that_of_the_extensions_whatever_the_client_wrote() {
        let request = Request::get("/")
            .header("x-correlation-id", "one")
            .header("x-correlation-id", "two")
            .extension(CorrelationId::from_u128(255));

        let headers = prepared(request);

        let ids: Vec<_> = headers.get_all("x-correlation-id").iter().collect();
        assert_eq!(ids, ["000000000000000000000000000000ff"]);
    }

    #[test]
    fn a_trace_context_that_is_not_valid_is_dropped() {
        let request = Request::get("/")
            .header("traceparent", "00-0-0-00")
            .header("tracestate", "a=b");

        let headers = prepared(request);

        assert!(!headers.contains_key("traceparent") && !headers.contains_key("tracestate"));
    }
}
