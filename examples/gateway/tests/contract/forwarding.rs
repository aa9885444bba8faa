//! What reaches the upstream of a request.

use serde_json::Value;

use crate::support::{Ask, Gateway, PREFIXES, PROTOCOLS};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn echo<'a>(gateway: &'a Gateway, prefix: &str) -> Ask<'a> {
    gateway.get(&format!("{prefix}/api/upstream/echo"))
}

/// The fields that the upstream received, and the id of the response.
async fn seen(ask: Ask<'_>) -> (Value, String) {
    let response = ask.send().await;
    assert_eq!(response.status, 200, "{response:?}");
    let id = response.field("x-correlation-id").to_owned();
    let mut body = response.json();
    if body.get("success").is_some() {
        body = body["data"].take();
    }
    let fields = body["headers"].take();
    let all = fields.as_object().expect("fields");
    for (name, value) in all {
        assert_eq!(*name, name.to_ascii_lowercase());
        assert!(value.is_string(), "{name}: {value}");
    }
    (fields, id)
}

#[tokio::test]
async fn the_correlation_id_reaches_the_upstream() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for prefix in PREFIXES {
            let (fields, id) = seen(echo(&gateway, prefix).over(protocol)).await;
            assert_eq!(fields["x-correlation-id"], id);
            assert_eq!(id.len(), 32);

            for name in ["x-correlation-id", "x-request-id"] {
                let ask = echo(&gateway, prefix).over(protocol).header(name, "req_1");
                let (fields, id) = seen(ask).await;
                assert_eq!(
                    (fields["x-correlation-id"].as_str(), id.as_str()),
                    (Some("req_1"), "req_1")
                );
            }
            let ask = echo(&gateway, prefix).over(protocol);
            let (fields, id) = seen(ask.header("x-correlation-id", "a\tb")).await;
            assert_eq!(fields["x-correlation-id"], id);
            assert_ne!(id, "a\tb");
        }
    }
}

#[tokio::test]
async fn a_valid_trace_context_is_kept() {
    let gateway = Gateway::start().await;
    let future = format!("cc{}-what-the-future-brings", &TRACE[2..]);

    for protocol in PROTOCOLS {
        for trace in [TRACE, &TRACE.replace("-01", "-00"), &future] {
            for prefix in PREFIXES {
                let ask = echo(&gateway, prefix).over(protocol);
                let fields = [("traceparent", trace), ("tracestate", "a=b,c=d")];
                let (fields, _) = seen(ask.headers(&fields)).await;

                assert_eq!(fields["traceparent"], trace);
                assert_eq!(fields["tracestate"], "a=b,c=d");
            }
        }
    }
}

#[tokio::test]
async fn an_invalid_trace_context_is_dropped_with_its_state() {
    let gateway = Gateway::start().await;
    let invalid = [
        "",
        "nonsense",
        &TRACE.to_ascii_uppercase(),
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
    ];

    for protocol in PROTOCOLS {
        for trace in invalid {
            let ask = echo(&gateway, "/problem").over(protocol);
            let fields = [("traceparent", trace), ("tracestate", "a=b")];
            let (fields, _) = seen(ask.headers(&fields)).await;

            assert!(fields.get("traceparent").is_none(), "{trace}: {fields}");
            assert!(fields.get("tracestate").is_none(), "{trace}: {fields}");
        }
        let twice = echo(&gateway, "/problem").over(protocol);
        let (fields, _) = seen(twice.headers(&[("traceparent", TRACE); 2])).await;
        assert!(fields.get("traceparent").is_none(), "{fields}");
        let alone = echo(&gateway, "/problem").over(protocol);
        let (fields, _) = seen(alone.header("tracestate", "a=b")).await;
        assert!(fields.get("tracestate").is_none(), "{fields}");
    }
}

/// A state that cannot be read says nothing against the trace (W3C Trace Context, section 3.3).
#[tokio::test]
async fn an_invalid_state_is_dropped_alone() {
    let gateway = Gateway::start().await;

    for state in ["nonsense", "=", "a=", "A=b", "a=b=c", "a b=c"] {
        let ask = echo(&gateway, "/problem");
        let fields = [("traceparent", TRACE), ("tracestate", state)];
        let (fields, _) = seen(ask.headers(&fields)).await;

        assert_eq!(fields["traceparent"], TRACE, "{state}");
        assert!(fields.get("tracestate").is_none(), "{state}: {fields}");
    }
}

/// Several lines are one list.
#[tokio::test]
async fn a_state_of_several_lines_is_kept() {
    let gateway = Gateway::start().await;
    let fields = [
        ("traceparent", TRACE),
        ("tracestate", "a=b"),
        ("tracestate", "c=d"),
    ];

    let (fields, _) = seen(echo(&gateway, "/problem").headers(&fields)).await;

    let state = fields["tracestate"].as_str().unwrap().replace(' ', "");
    assert_eq!(state, "a=b,c=d");
}

#[tokio::test]
async fn credentials_do_not_reach_the_upstream() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for prefix in PREFIXES {
            let ask = echo(&gateway, prefix).over(protocol);
            let secrets = [
                ("authorization", "Bearer secret-1"),
                ("x-api-key", "secret-2"),
                ("proxy-authorization", "Basic secret-3"),
            ];
            let (fields, _) = seen(ask.headers(&secrets)).await;

            assert!(!fields.to_string().contains("secret"), "{fields}");
        }
    }
}

#[tokio::test]
async fn other_fields_reach_the_upstream_as_they_are() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for prefix in PREFIXES {
            let ask = echo(&gateway, prefix).over(protocol);
            let sent = [
                ("accept-language", "de, en;q=0.5"),
                ("user-agent", "test/1"),
                ("x-tenant", "t1"),
            ];
            let (fields, _) = seen(ask.headers(&sent)).await;

            for (name, value) in sent {
                assert_eq!(fields[name], value);
            }
        }
    }
}

/// RFC 9110, section 7.6.1: what `Connection` names is for this hop alone.
#[tokio::test]
async fn hop_by_hop_fields_do_not_reach_the_upstream() {
    let gateway = Gateway::start().await;

    for prefix in PREFIXES {
        let request = format!(
            "GET {prefix}/api/upstream/echo HTTP/1.1\r\nhost: a\r\n\
             connection: close, X-First , x-correlation-id\r\nconnection: x-second\r\n\
             x-first: 1\r\nx-second: 2\r\nx-third: 3\r\nkeep-alive: timeout=5\r\n\
             te: trailers\r\ntrailer: x\r\nproxy-connection: keep-alive\r\n\
             upgrade: websocket\r\nproxy-authorization: a\r\n\r\n"
        );
        let response = crate::support::raw(&gateway, request).await;

        assert_eq!(response.status, 200, "{response:?}");
        let body = response.json();
        let fields = body.get("data").unwrap_or(&body)["headers"].clone();
        for name in [
            "connection",
            "x-first",
            "x-second",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "proxy-connection",
            "proxy-authorization",
            "upgrade",
        ] {
            assert!(fields.get(name).is_none(), "{name} in {fields}");
        }
        assert_eq!(fields["x-third"], "3");
        assert!(fields["x-correlation-id"].is_string(), "{fields}");
    }
}

/// An upstream believes of us what it would not believe of our clients.
#[tokio::test]
async fn what_a_client_says_of_itself_is_not_passed_on() {
    let gateway = Gateway::start().await;
    let claims = [
        ("forwarded", "for=192.0.2.1;proto=https;host=forged"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-host", "forged"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-prefix", "/forged"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-server", "forged"),
        ("x-real-ip", "192.0.2.1"),
        ("cf-connecting-ip", "192.0.2.1"),
        ("client-ip", "192.0.2.1"),
        ("fastly-client-ip", "192.0.2.1"),
        ("fly-client-ip", "192.0.2.1"),
        ("front-end-https", "on"),
        ("true-client-ip", "192.0.2.1"),
        ("x-client-ip", "192.0.2.1"),
        ("x-cluster-client-ip", "192.0.2.1"),
        ("x-envoy-external-address", "192.0.2.1"),
        ("x-host", "forged"),
        ("x-http-method-override", "DELETE"),
        ("x-original-host", "forged"),
        ("x-original-url", "/forged"),
        ("x-rewrite-url", "/forged"),
        ("x-unheard-of", "forged"),
        // CGI reads an underscore as a hyphen.
        ("true_client_ip", "192.0.2.1"),
        ("x_forwarded_for", "192.0.2.1"),
        ("x_forwarded_proto", "https"),
        ("x_real_ip", "192.0.2.1"),
    ];

    for protocol in PROTOCOLS {
        let ask = echo(&gateway, "/problem").over(protocol);
        let (fields, _) = seen(ask.headers(&claims)).await;

        for (name, _) in claims {
            assert!(fields.get(name).is_none(), "{name} in {fields}");
        }
    }
}

/// RFC 9110, section 7.6.3.
#[tokio::test]
async fn via_is_appended_and_names_no_host() {
    let gateway = Gateway::start().await;

    for (protocol, received) in PROTOCOLS.into_iter().zip(["1.1", "2.0"]) {
        let (alone, _) = seen(echo(&gateway, "/problem").over(protocol)).await;
        let ask = echo(&gateway, "/problem").over(protocol);
        let (behind, _) = seen(ask.header("via", "1.0 fred")).await;

        assert_eq!(alone["via"], format!("{received} tower-edge"));
        assert_eq!(behind["via"], format!("1.0 fred, {received} tower-edge"));
    }
}

/// The upstream is called with `GET` and without a body, and its response is read whole. Cookies may be credentials.
#[tokio::test]
async fn what_describes_or_limits_the_request_alone_is_not_passed_on() {
    let gateway = Gateway::start().await;
    let sent = [
        ("accept-encoding", "gzip"),
        ("content-encoding", "identity"),
        ("content-language", "de"),
        ("content-type", "text/plain"),
        ("cookie", "a=1"),
        ("if-match", "\"a\""),
        ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("if-none-match", "*"),
        ("if-range", "\"a\""),
        ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("range", "bytes=0-1"),
        ("x-request-id", "req_1"),
    ];

    for protocol in PROTOCOLS {
        let ask = echo(&gateway, "/problem").over(protocol);
        let (fields, _) = seen(ask.headers(&sent)).await;

        for (name, _) in sent {
            assert!(fields.get(name).is_none(), "{name} in {fields}");
        }
    }
}
