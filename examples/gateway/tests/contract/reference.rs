//! The error reference: its pages, and the document in OpenAPI.

use http::Method;
use serde_json::Value;

use crate::support::{Gateway, PROTOCOLS, assert_no_limit_fields, rows};

#[tokio::test]
async fn the_page_has_an_anchor_for_each_error_and_loads_nothing() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        let response = gateway.get("/errors").over(protocol).send().await;

        assert_eq!(response.status, 200);
        assert_eq!(response.field("content-type"), "text/html; charset=utf-8");
        assert!(
            response
                .field("content-security-policy")
                .starts_with("default-src 'none'; ")
        );
        assert_eq!(response.text(), include_str!("../../reference/errors.html"));
        for key in [
            "not_found",
            "permission_denied",
            "route_not_found",
            "upstream_timeout",
        ] {
            assert!(
                response.text().contains(&format!("<article id=\"{key}\"")),
                "{key}"
            );
        }
    }
}

#[tokio::test]
async fn an_error_is_a_page_to_a_browser_and_json_to_a_program() {
    let gateway = Gateway::start().await;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    for (accept, content_type) in [
        (browser, PAGE),
        ("text/html", PAGE),
        ("text/*", PAGE),
        ("application/json;q=0.5, text/html;q=0.6", PAGE),
        ("*/*", JSON),
        ("application/json", JSON),
        ("text/html;q=0.5, application/json", JSON),
        ("image/png", JSON),
    ] {
        for protocol in PROTOCOLS {
            let ask = gateway.get("/errors/rate_limited").over(protocol);
            let response = ask.header("accept", accept).send().await;

            assert_eq!(response.status, 200);
            assert_eq!(response.field("content-type"), content_type, "{accept}");
            assert_eq!(response.field("vary"), "Accept");
            assert!(response.has("content-security-policy"));
            assert!(
                response.text().contains("Too Many Requests"),
                "{response:?}"
            );
        }
    }
    let response = gateway.get("/errors/rate_limited").send().await;
    let error = response.json();
    assert_eq!(
        (&error["key"], &error["status"]),
        (&"rate_limited".into(), &429.into())
    );
    let formats: Vec<_> = error["examples"].as_object().unwrap().keys().collect();
    assert_eq!(
        formats,
        [
            "ads",
            "mcp",
            "medianest",
            "plexichat",
            "plexmcp",
            "problem",
            "routermcp",
            "routermcp_rpc"
        ]
    );
}

#[tokio::test]
async fn the_type_of_a_problem_resolves_to_its_entry() {
    let gateway = Gateway::hasty().await;

    for path in [
        "/nope",
        "/problem/api/media/101",
        "/problem/api/media/abc",
        "/problem/api/panic",
        "/problem/api/private",
        "/problem/api/upstream/error",
        "/problem/api/upstream/ratelimited",
        "/problem/api/upstream/refused",
        "/problem/api/upstream/slow",
    ] {
        let problem = gateway.get(path).send().await.json();
        let entry = problem["type"].as_str().unwrap();
        let response = gateway.get(entry).send().await;

        assert_eq!(response.status, 200, "{problem}");
        let error = response.json();
        assert_eq!(error["title"], problem["title"]);
        assert_eq!(error["status"], problem["status"]);
        assert_eq!(error["message"], problem["detail"]);
        assert!(!error["cause"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_error_that_does_not_exist_is_a_problem() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for path in ["/errors/nope", "/errors/NOT_FOUND"] {
            let ask = gateway.get(path).header("accept", "text/html");
            let problem = ask.over(protocol).send().await.json();

            assert_eq!(problem["type"], "/errors/not_found");
            assert_eq!(problem["status"], 404);
        }
    }
    for path in ["/errors/", "/errors/not_found/x", "/openapi.json/"] {
        rows::ROUTE.assert("/problem", &gateway.get(path).send().await);
    }
}

#[tokio::test]
async fn the_reference_is_for_everybody_and_counted_for_nobody() {
    let gateway = Gateway::with(&["--limit", "burst=1/1h"]).await;

    for protocol in PROTOCOLS {
        for path in ["/errors", "/errors/not_found", "/openapi.json"] {
            let ask = gateway.get(path).header("x-client-version", "0.0.1");
            let get = ask.over(protocol).send().await;
            let head = gateway.ask(Method::HEAD, path).over(protocol);
            let head = head.send().await;
            let post = gateway.ask(Method::POST, path).over(protocol);

            assert_eq!((get.status, head.status), (200, 200));
            assert!(head.body.is_empty());
            assert_eq!(head.field("content-length"), get.body.len().to_string());
            for name in ["content-type", "content-security-policy", "vary"] {
                assert_eq!(head.headers.get(name), get.headers.get(name), "{path}");
            }
            assert_no_limit_fields(&get);
            rows::METHOD.assert("/problem", &post.send().await);
        }
    }
}

#[tokio::test]
async fn the_document_has_each_route_of_each_prefix_with_its_statuses() {
    let gateway = Gateway::start().await;

    let response = gateway.get("/openapi.json").send().await;

    assert_eq!(response.field("content-type"), JSON);
    let document = response.json();
    let statuses = |path: &str| statuses(&document, path);
    assert_eq!(
        document["paths"].as_object().unwrap().len(),
        4 + 6 * 7 + 2 * 2
    );
    assert_eq!(
        statuses("/problem/api/media"),
        [
            "201", "400", "408", "413", "415", "422", "426", "429", "501"
        ]
    );
    // The document of Plexichat has 400 for all that is wrong with a request.
    assert_eq!(
        statuses("/plexichat/api/media"),
        ["201", "400", "408", "426", "429", "501"]
    );
    assert_eq!(
        statuses("/medianest/api/media/{id}"),
        [
            "200", "400", "404", "426", "429", "501", "502", "503", "504"
        ]
    );
    assert_eq!(
        statuses("/plexmcp/api/private"),
        ["200", "400", "401", "403", "426", "429", "501"]
    );
    let fields = &document["paths"]["/plexmcp/api/private"]["get"]["responses"]["200"]["headers"];
    assert!(fields["X-RateLimit-Remaining"].is_object(), "{fields}");
}

fn statuses(document: &Value, path: &str) -> Vec<String> {
    let methods = document["paths"][path].as_object().expect(path).values();
    let responses = methods.filter_map(|operation| operation["responses"].as_object());
    responses
        .flat_map(|responses| responses.keys().cloned())
        .collect()
}

const JSON: &str = "application/json";
const PAGE: &str = "text/html; charset=utf-8";
