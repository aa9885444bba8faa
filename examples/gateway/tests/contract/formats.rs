//! Which format is spoken where, and what holds in all of them.

use http::Method;

use crate::support::{
    Gateway, PREFIXES, PROTOCOLS, assert_limit_fields, assert_no_limit_fields, at, raw, rows,
};

#[tokio::test]
async fn paths_under_no_prefix_speak_problem_details() {
    let gateway = Gateway::start().await;
    let paths = [
        "/",
        "/nope",
        "/problemx",
        "/problemx/api/media/7",
        "/medianestx/api/media/7",
        "/Medianest/api/media/7",
        "/api/media/7",
        "//medianest/api/media/7",
        "/healthz/",
        "/mcp",
        "/%6dedianest/api/media/7",
    ];

    for protocol in PROTOCOLS {
        for path in paths {
            let response = gateway.get(path).over(protocol).send().await;

            rows::ROUTE.assert("/problem", &response);
            assert_no_limit_fields(&response);
        }
    }
}

#[tokio::test]
async fn paths_under_a_prefix_speak_its_format() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for path in [
            "",
            "/",
            "/x",
            "//",
            "/api",
            "/api/media/",
            "/api/media/7/8",
            "?a=b",
        ] {
            for (prefix, path) in at(path) {
                let response = gateway.get(&path).over(protocol).send().await;

                rows::ROUTE.assert(prefix, &response);
            }
        }
    }
}

#[tokio::test]
async fn a_query_changes_nothing() {
    let gateway = Gateway::start().await;

    for (prefix, path) in at("/api/media/101?verbose=1&/problem") {
        rows::MEDIUM_101.assert(prefix, &gateway.get(&path).send().await);
    }
}

#[tokio::test]
async fn healthz_is_ok_for_everybody_and_counted_for_nobody() {
    let gateway = Gateway::with(&["--limit", "burst=1/1m"]).await;

    for protocol in PROTOCOLS {
        for version in ["0.0.1", "nonsense", "a.0.0-0"] {
            let ask = gateway.get("/healthz").header("x-client-version", version);
            let response = ask.over(protocol).send().await;

            assert_eq!((response.status, response.text()), (200, "ok"));
            assert_no_limit_fields(&response);
        }
    }
    let first = gateway.get("/problem/api/media/7").send().await;
    assert_eq!(first.status, 200);
}

#[tokio::test]
async fn healthz_keeps_the_rules_for_methods() {
    let gateway = Gateway::start().await;

    let response = gateway.ask(Method::POST, "/healthz").send().await;

    rows::METHOD.assert("/problem", &response);
    assert!(response.field("allow").contains("GET"));
}

#[tokio::test]
async fn head_has_the_fields_of_get_and_no_body() {
    let gateway = Gateway::start().await;
    let paths = [
        "/api/media/7",
        "/api/media/101",
        "/api/media/abc",
        "/api/private",
        "/api/nothing",
        "/api/media",
        "/api/panic",
        "/api/upstream/refused",
        "/api/upstream/ratelimited",
    ];

    for protocol in PROTOCOLS {
        for path in paths {
            for (_, path) in at(path) {
                let get = gateway.get(&path).over(protocol).send().await;
                let head = gateway.ask(Method::HEAD, &path).over(protocol);
                let head = head.send().await;

                assert_eq!(head.status, get.status, "{path}");
                assert!(head.body.is_empty(), "{head:?}");
                let length = get.body.len().to_string();
                assert_eq!(head.field("content-length"), length, "{path}");
                for name in ["content-type", "retry-after", "allow", "x-error-code"] {
                    assert_eq!(head.headers.get(name), get.headers.get(name), "{path}");
                }
            }
        }
    }
}

/// Over a socket that would show a body where a client drops it.
#[tokio::test]
async fn nothing_follows_the_head_on_the_wire() {
    let gateway = Gateway::start().await;

    for (prefix, path) in at("/api/media/101") {
        let request = format!("HEAD {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        let response = raw(&gateway, request).await;

        assert_eq!(response.status, 404);
        assert!(response.body.is_empty(), "{response:?}");
        assert!(response.number("content-length") > 0);
        assert_limit_fields(prefix, &response);
    }
}

#[tokio::test]
async fn http_1_0_is_served_too() {
    let gateway = Gateway::start().await;

    for (prefix, path) in at("/api/media/101") {
        let response = raw(&gateway, format!("GET {path} HTTP/1.0\r\n\r\n")).await;

        rows::MEDIUM_101.assert(prefix, &response);
        assert_eq!(response.field("x-correlation-id").len(), 32);
    }
    let response = raw(&gateway, "GET /healthz HTTP/1.0\r\n\r\n").await;
    assert_eq!((response.status, response.text()), (200, "ok"));
}

#[tokio::test]
async fn an_accept_field_does_not_choose_the_format() {
    let gateway = Gateway::start().await;

    for accept in [
        "text/html",
        "application/problem+json",
        "image/png",
        "*/*;q=0",
    ] {
        for (prefix, path) in at("/api/media/101") {
            let ask = gateway.get(&path).header("accept", accept);

            rows::MEDIUM_101.assert(prefix, &ask.send().await);
        }
    }
}

#[tokio::test]
async fn development_takes_nothing_public_away() {
    let flags = ["--limit", "burst=100000/1m", "--timeout", "200ms"];
    let production = Gateway::with(&flags).await;
    let development = Gateway::with(&[&flags[..], &["--development"]].concat()).await;
    let paths = [
        "/api/media/7",
        "/api/media/101",
        "/api/media/abc",
        "/api/private",
        "/api/upstream/slow",
        "/api/upstream/refused",
        "/api/upstream/error",
        "/api/nothing",
    ];

    for prefix in PREFIXES {
        for path in paths {
            let path = format!("{prefix}{path}");
            let plain = production.get(&path).send().await;
            let verbose = development.get(&path).send_unchecked().await;

            assert_eq!(plain.status, verbose.status);
            let (mut plain, verbose) = (plain.json(), verbose.json());
            // Each occurrence has its own.
            plain.as_object_mut().unwrap().remove("error_id");
            assert!(
                contains(&verbose, &plain),
                "{verbose} lacks some of {plain}"
            );
        }
    }
}

#[tokio::test]
async fn development_shows_more_of_an_upstream_that_fails() {
    let production = Gateway::start().await;
    let development = Gateway::with(&["--development"]).await;

    let path = "/problem/api/upstream/error";
    let plain = production.get(path).send().await;
    let verbose = development.get(path).send().await;

    assert!(verbose.body.len() > plain.body.len(), "{verbose:?}");
}

/// Whether all of the second is in the first.
fn contains(whole: &serde_json::Value, part: &serde_json::Value) -> bool {
    match (whole.as_object(), part.as_object()) {
        (Some(whole), Some(part)) => part
            .iter()
            .all(|(name, part)| whole.get(name).is_some_and(|whole| contains(whole, part))),
        _ => whole == part,
    }
}
