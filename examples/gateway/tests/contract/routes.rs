//! Every row of the route table, under every prefix and over both protocols.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Errors, Gateway, PREFIXES, PROTOCOLS, assert_limit_fields, at, rows};

/// The fields of a request.
type Fields<'a> = &'a [(&'a str, &'a str)];

#[tokio::test]
async fn every_success_is_as_its_row_and_its_prefix_have_it() {
    let gateway = Gateway::start().await;
    let medium = |id: u64| json!({"id": id, "title": format!("Medium {id}")});
    let key = [("authorization", "Bearer pk_test_ok")];
    let rows: [(&str, Fields<'_>, Option<Value>); 6] = [
        ("/api/media/1", &[], Some(medium(1))),
        ("/api/media/7", &[], Some(medium(7))),
        ("/api/media/100", &[], Some(medium(100))),
        ("/api/media/007", &[], Some(medium(7))),
        ("/api/upstream/ok", &[], Some(json!({"ok": true}))),
        ("/api/private", &key, None),
    ];

    for protocol in PROTOCOLS {
        for (path, fields, data) in &rows {
            for (prefix, path) in at(path) {
                let ask = gateway.get(&path).over(protocol).headers(fields);
                let response = ask.send().await;

                assert_eq!(response.status, 200, "{path}");
                assert_eq!(response.field("content-type"), "application/json");
                assert_limit_fields(prefix, &response);
                assert!(!response.has("retry-after") && !response.has("x-error-code"));
                let body = unwrapped(prefix, response.json());
                assert!(data.as_ref().is_none_or(|data| *data == body), "{body}");
            }
        }
    }
}

#[tokio::test]
async fn a_new_medium_is_201_with_an_id() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for (prefix, path) in at("/api/media") {
            let ask = gateway.post(&path, r#"{"title": "Alien", "tmdbId": 348}"#);
            let response = ask.over(protocol).send().await;

            assert_eq!(response.status, 201, "{path}");
            assert_eq!(response.field("content-type"), "application/json");
            assert_limit_fields(prefix, &response);
            let body = unwrapped(prefix, response.json());
            assert!(body.get("id").is_some_and(|id| !id.is_null()), "{body}");
        }
    }
}

#[tokio::test]
async fn every_error_is_as_its_row_and_its_prefix_have_it() {
    let gateway = Gateway::start().await;
    let denied = [("authorization", "Bearer pk_test_denied")];
    let rows: [(&str, Fields<'_>, Errors); 13] = [
        ("/api/media/101", &[], rows::MEDIUM_101),
        ("/api/media/abc", &[], rows::MEDIUM_ABC),
        ("/api/private", &[], rows::NO_KEY),
        ("/api/private", &denied, rows::DENIED),
        ("/api/upstream/refused", &[], rows::REFUSED),
        ("/api/upstream/reset", &[], rows::FAILED),
        ("/api/upstream/error", &[], rows::FAILED),
        ("/api/upstream/ratelimited", &[], rows::LIMITED_UPSTREAM),
        ("/api/upstream/other", &[], rows::ROUTE),
        ("/api/upstream/%ff", &[], rows::ROUTE),
        ("/api/media", &[], rows::METHOD),
        ("/api/nothing", &[], rows::ROUTE),
        ("/healthz", &[], rows::ROUTE),
    ];

    for protocol in PROTOCOLS {
        for (path, fields, errors) in rows {
            for (prefix, path) in at(path) {
                let ask = gateway.get(&path).over(protocol).headers(fields);
                let response = ask.send().await;

                errors.assert(prefix, &response);
                assert_limit_fields(prefix, &response);
            }
        }
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_error_without_its_text() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for (prefix, path) in at("/api/panic") {
            let response = gateway.get(&path).over(protocol).send().await;

            rows::PANIC.assert(prefix, &response);
            assert!(!response.has("retry-after"));
        }
    }
    assert_eq!(gateway.get("/healthz").send().await.status, 200);
}

/// All responses that pass the limiter carry its fields.
#[tokio::test]
async fn a_panic_has_the_limit_that_it_was_counted_under() {
    let gateway = Gateway::start().await;

    for (prefix, path) in at("/api/panic") {
        let response = gateway.get(&path).send().await;

        assert_limit_fields(prefix, &response);
    }
}

#[tokio::test]
async fn a_401_names_its_challenge_and_a_403_does_not() {
    let gateway = Gateway::start().await;
    let refused = [
        None,
        Some("Bearer"),
        Some("Bearer pk_test_other"),
        Some("Basic pk_test_ok"),
        Some("pk_test_ok"),
        Some("Bearer pk_test_ok pk_test_ok"),
    ];

    for protocol in PROTOCOLS {
        for (prefix, path) in at("/api/private") {
            for value in refused {
                let ask = gateway.get(&path).over(protocol);
                let ask = match value {
                    Some(value) => ask.header("authorization", value),
                    None => ask,
                };
                let response = ask.send().await;

                rows::NO_KEY.assert(prefix, &response);
                assert_eq!(response.field("www-authenticate"), "Bearer", "{value:?}");
            }
            let ask = gateway.get(&path).over(protocol);
            let denied = ask.header("authorization", "Bearer pk_test_denied");
            assert!(!denied.send().await.has("www-authenticate"));
        }
    }
}

#[tokio::test]
async fn a_wrong_method_keeps_its_allow_field() {
    let gateway = Gateway::start().await;
    let rows = [
        (Method::DELETE, "/api/media", "POST"),
        (Method::PUT, "/api/media", "POST"),
        (Method::POST, "/api/media/7", "GET"),
        (Method::POST, "/api/private", "GET"),
        (Method::PATCH, "/api/upstream/ok", "GET"),
        (Method::DELETE, "/api/panic", "GET"),
    ];

    for protocol in PROTOCOLS {
        for (method, path, allowed) in &rows {
            for (prefix, path) in at(path) {
                let ask = gateway.ask(method.clone(), &path).over(protocol);
                let response = ask.send().await;

                rows::METHOD.assert(prefix, &response);
                assert_limit_fields(prefix, &response);
                let allow = response
                    .field("allow")
                    .split(',')
                    .any(|one| one.trim() == *allowed);
                assert!(allow, "{response:?}");
            }
        }
    }
}

#[tokio::test]
async fn mcp_is_served_under_two_prefixes_only() {
    let gateway = Gateway::start().await;

    for prefix in PREFIXES {
        let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
        let response = gateway.post(&format!("{prefix}/mcp"), ping).send().await;

        match prefix {
            "/routermcp" | "/ads" => assert_eq!(response.status, 200, "{response:?}"),
            _ => rows::ROUTE.assert(prefix, &response),
        }
    }
}

/// What a success says, out of what MediaNest puts around it.
fn unwrapped(prefix: &str, mut body: Value) -> Value {
    if prefix == "/medianest" {
        assert_eq!(body["success"], true);
        assert_eq!(body.as_object().unwrap().len(), 2);
        return body["data"].take();
    }
    body
}
