//! What browsers need.

use http::Method;

use crate::support::{
    Ask, Gateway, PROTOCOLS, TestResponse, assert_limit_fields, assert_no_limit_fields, at,
    remaining, rows,
};

const ORIGIN: (&str, &str) = ("origin", "https://app.example");
const METHOD: (&str, &str) = ("access-control-request-method", "POST");

fn preflight<'a>(gateway: &'a Gateway, path: &str) -> Ask<'a> {
    let ask = gateway
        .ask(Method::OPTIONS, path)
        .headers(&[ORIGIN, METHOD]);
    let wanted = "authorization, x-client-version, content-type, x-api-key";
    ask.header("access-control-request-headers", wanted)
}

fn lists(response: &TestResponse, name: &str, wanted: &str) -> bool {
    let mut values = response.field(name).split(',').map(str::trim);
    values.any(|value| value.eq_ignore_ascii_case(wanted))
}

#[tokio::test]
async fn a_preflight_gets_a_response_at_once() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        let paths = at("/api/media").map(|(_, path)| path);
        for path in paths.chain(["/healthz".to_owned(), "/nope".to_owned()]) {
            let response = preflight(&gateway, &path).over(protocol).send().await;

            assert!(matches!(response.status, 200 | 204), "{response:?}");
            assert!(response.body.is_empty(), "{response:?}");
            assert!(lists(&response, "access-control-allow-methods", "*"));
            assert!(lists(&response, "access-control-allow-headers", "*"));
            // The wildcard does not cover it.
            assert!(lists(
                &response,
                "access-control-allow-headers",
                "authorization"
            ));
        }
    }
}

#[tokio::test]
async fn a_preflight_is_neither_gated_nor_limited() {
    let gateway = Gateway::with(&["--limit", "burst=2/1m"]).await;

    for (prefix, path) in at("/api/media/7") {
        for version in ["0.0.1", "a.0.0-1", "nonsense"] {
            let ask = preflight(&gateway, &path).header("x-api-key", prefix);
            let response = ask.header("x-client-version", version).send().await;

            assert!(matches!(response.status, 200 | 204), "{response:?}");
            assert_no_limit_fields(&response);
        }
        let first = gateway.get(&path).header("x-api-key", prefix);
        assert_eq!(remaining(prefix, &first.send().await), 1);
    }
}

#[tokio::test]
async fn other_options_are_requests_like_the_rest() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for fields in [&[][..], &[ORIGIN], &[METHOD]] {
            for (prefix, path) in at("/api/media") {
                let ask = gateway.ask(Method::OPTIONS, &path).over(protocol);
                let response = ask.headers(fields).send().await;

                rows::METHOD.assert(prefix, &response);
                assert_limit_fields(prefix, &response);
                assert!(lists(&response, "allow", "POST"));
                assert!(!response.has("access-control-allow-methods"));
            }
            for (prefix, path) in at("/api/nothing") {
                let ask = gateway.ask(Method::OPTIONS, &path).over(protocol);
                rows::ROUTE.assert(prefix, &ask.headers(fields).send().await);
            }
        }
    }
}

#[tokio::test]
async fn other_options_meet_the_gate() {
    let gateway = Gateway::start().await;

    for (prefix, path) in at("/api/media") {
        let version = if prefix == "/plexichat" {
            "a.0.9-1"
        } else {
            "1.1.9"
        };
        let ask = gateway.ask(Method::OPTIONS, &path);
        let response = ask.header("x-client-version", version).send().await;

        rows::OUTDATED.assert(prefix, &response);
    }
}

#[tokio::test]
async fn every_response_may_be_read_by_any_origin() {
    let gateway = Gateway::with(&["--limit", "burst=4/1m", "--timeout", "200ms"]).await;
    let rows = [
        ("/healthz", None, 200),
        ("/nope", None, 404),
        ("/medianest/api/media/7", None, 200),
        ("/medianest/api/media/7", Some("1.0.0"), 426),
        ("/medianest/api/media/7", Some("nonsense"), 400),
        ("/plexichat/api/upstream/slow", None, 504),
        ("/problem/api/panic", None, 500),
        ("/ads/api/private", None, 401),
        ("/routermcp/api/media/7", None, 429),
    ];
    let exposed = [
        "X-Correlation-ID",
        "X-Error-Code",
        "Retry-After",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "RateLimit",
        "RateLimit-Policy",
    ];

    for protocol in PROTOCOLS {
        for (path, version, status) in rows {
            let ask = gateway.get(path).over(protocol).headers(&[ORIGIN]);
            let ask = ask.header("x-api-key", format!("{protocol:?}"));
            let ask = match version {
                Some(version) => ask.header("x-client-version", version),
                None => ask,
            };
            let response = ask.send().await;

            assert_eq!(response.status, status, "{path}");
            assert_eq!(response.field("access-control-allow-origin"), "*");
            for name in exposed {
                let is_exposed = lists(&response, "access-control-expose-headers", name);
                assert!(is_exposed, "{name}: {response:?}");
            }
        }
    }
}
