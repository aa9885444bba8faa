//! What `/api/media` makes of input that is not as it should be.

use serde_json::Value;

use crate::support::{Gateway, PREFIXES, PROTOCOLS, TestResponse, assert_limit_fields, at, rows};

/// The names of the fields that the response reports as invalid.
fn bad_fields(prefix: &str, response: &TestResponse) -> Vec<String> {
    let body = response.json();
    let listed = |errors: &Value, name: &str| -> Vec<String> {
        let errors = errors.as_array().expect("a list").iter();
        errors
            .map(|error| error[name].as_str().unwrap().replace("#/", ""))
            .collect()
    };
    match prefix {
        "/problem" => listed(&body["errors"], "pointer"),
        "/plexmcp" => body["error"]["details"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect(),
        "/plexichat" => listed(&body["error"]["errors"], "field"),
        "/medianest" => listed(&body["error"]["details"]["errors"], "field"),
        // These documents have no place but the message.
        _ => ["title", "tmdbId"]
            .into_iter()
            .filter(|name| response.text().contains(&format!("{name}: ")))
            .map(ToOwned::to_owned)
            .collect(),
    }
}

fn validation_status(prefix: &str) -> u16 {
    match prefix {
        "/problem" | "/plexmcp" => 422,
        _ => 400,
    }
}

#[tokio::test]
async fn every_bad_field_is_in_one_response() {
    let gateway = Gateway::start().await;
    let rows: [(&str, &[&str]); 18] = [
        ("{}", &["title", "tmdbId"]),
        (r#"{"title": 1, "tmdbId": "348"}"#, &["title", "tmdbId"]),
        (r#"{"title": null, "tmdbId": null}"#, &["title", "tmdbId"]),
        (r#"{"title": [], "tmdbId": {}}"#, &["title", "tmdbId"]),
        (r#"{"Title": "a", "tmdbid": 1}"#, &["title", "tmdbId"]),
        (r#"{"title": "a"}"#, &["tmdbId"]),
        (r#"{"title": "a", "tmdbId": 0}"#, &["tmdbId"]),
        (r#"{"title": "a", "tmdbId": -1}"#, &["tmdbId"]),
        (r#"{"title": "a", "tmdbId": 1.5}"#, &["tmdbId"]),
        (r#"{"title": "a", "tmdbId": "1"}"#, &["tmdbId"]),
        (r#"{"title": "a", "tmdbId": true}"#, &["tmdbId"]),
        (r#"{"title": "a", "tmdbId": [1]}"#, &["tmdbId"]),
        (r#"{"title": "a", "tmdbId": null}"#, &["tmdbId"]),
        (r#"{"tmdbId": 1}"#, &["title"]),
        (r#"{"title": 7, "tmdbId": 1}"#, &["title"]),
        (r#"{"title": false, "tmdbId": 1}"#, &["title"]),
        (r#"{"title": {"a": 1}, "tmdbId": 1}"#, &["title"]),
        (r#"{"title": null, "tmdbId": 1, "other": 2}"#, &["title"]),
    ];

    for protocol in PROTOCOLS {
        for (body, bad) in rows {
            for (prefix, path) in at("/api/media") {
                let response = gateway.post(&path, body).over(protocol).send().await;

                assert_eq!(
                    response.status,
                    validation_status(prefix),
                    "{body}: {response:?}"
                );
                assert_eq!(bad_fields(prefix, &response), bad, "{body}: {response:?}");
                assert_limit_fields(prefix, &response);
            }
        }
    }
    for (prefix, path) in at("/api/media") {
        rows::FIELDS.assert(prefix, &gateway.post(&path, "{}").send().await);
    }
}

/// A wrong type is a field error; the type of the whole body is wrong too.
#[tokio::test]
async fn json_that_is_no_object_is_a_validation_error() {
    let gateway = Gateway::start().await;

    for body in [
        "[]",
        "7",
        "null",
        "\"a\"",
        "true",
        r#"[{"title": "a", "tmdbId": 1}]"#,
    ] {
        for (prefix, path) in at("/api/media") {
            let response = gateway.post(&path, body).send().await;

            assert_eq!(
                response.status,
                validation_status(prefix),
                "{body}: {response:?}"
            );
        }
    }
}

#[tokio::test]
async fn values_are_repeated_as_text_under_medianest() {
    let gateway = Gateway::start().await;
    let body = r#"{"title": 7, "tmdbId": "-1\"<&"}"#;

    let response = gateway.post("/medianest/api/media", body).send().await;

    let errors = &response.json()["error"]["details"]["errors"];
    assert_eq!(errors[0]["value"], "7");
    assert_eq!(errors[1]["value"], "-1\"<&");
}

#[tokio::test]
async fn broken_json_is_malformed() {
    let gateway = Gateway::start().await;
    let deep = "[".repeat(60_000);
    let broken: [&[u8]; 9] = [
        b"{",
        b"",
        b" ",
        b"{\"title\": \"a\", \"tmdbId\": 1",
        b"{\"title\": \"a\", \"tmdbId\": 1}}",
        b"{'title': 'a'}",
        b"{\"title\": \"\xff\", \"tmdbId\": 1}",
        b"title=a&tmdbId=1",
        deep.as_bytes(),
    ];

    for protocol in PROTOCOLS {
        for body in broken {
            for (prefix, path) in at("/api/media") {
                let ask = gateway.post(&path, body.to_vec()).over(protocol);
                let response = ask.send().await;

                let is_one_line = !body.is_empty() && body != b" ";
                if is_one_line {
                    rows::BROKEN_JSON.assert(prefix, &response);
                }
                assert_eq!(response.status, 400, "{response:?}");
                assert_limit_fields(prefix, &response);
            }
        }
    }
}

#[tokio::test]
async fn only_json_is_taken() {
    let gateway = Gateway::start().await;
    let medium = r#"{"title": "a", "tmdbId": 1}"#;
    let wrong = [
        None,
        Some("text/plain"),
        Some(""),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonx"),
        Some("json"),
        Some("text/plain; application/json"),
    ];

    for protocol in PROTOCOLS {
        for content_type in wrong {
            for (prefix, path) in at("/api/media") {
                let ask = gateway.ask(http::Method::POST, &path).body(medium);
                let ask = match content_type {
                    Some(content_type) => ask.header("content-type", content_type),
                    None => ask,
                };
                let response = ask.over(protocol).send().await;

                rows::MEDIA_TYPE.assert(prefix, &response);
                assert_limit_fields(prefix, &response);
            }
        }
    }
}

/// RFC 9110, section 15.5.16: the response lists the content codings that would have been accepted.
#[tokio::test]
async fn content_that_is_encoded_is_not_taken() {
    let gateway = Gateway::start().await;
    let medium = r#"{"title": "a", "tmdbId": 1}"#;

    for protocol in PROTOCOLS {
        for (prefix, path) in at("/api/media") {
            for coding in ["gzip", "identity, br", "nonsense"] {
                let ask = gateway.post(&path, medium).over(protocol);
                let response = ask.header("content-encoding", coding).send().await;

                let status = match prefix {
                    "/plexmcp" | "/plexichat" => 400,
                    _ => 415,
                };
                assert_eq!(response.status, status, "{coding}: {response:?}");
                assert_eq!(response.field("accept-encoding"), "identity");
                assert_limit_fields(prefix, &response);
            }
            let ask = gateway.post(&path, medium).over(protocol);
            let plain = ask.header("content-encoding", "identity").send().await;
            assert_eq!(plain.status, 201, "{plain:?}");
        }
        let ping = r#"{"jsonrpc": "2.0", "id": 1, "method": "ping"}"#;
        for (path, status) in [("/ads/mcp", 415), ("/routermcp/mcp", 200)] {
            let ask = gateway.post(path, ping).over(protocol);
            let response = ask.header("content-encoding", "gzip").send().await;

            assert_eq!(response.status, status, "{path}: {response:?}");
            assert!(
                response.json()["error"].is_object() || status == 415,
                "{response:?}"
            );
            assert_eq!(response.field("accept-encoding"), "identity");
        }
    }
}

#[tokio::test]
async fn json_has_several_names() {
    let gateway = Gateway::start().await;
    let medium = r#"{"title": "a", "tmdbId": 1}"#;

    for content_type in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/problem+json",
    ] {
        let ask = gateway.ask(http::Method::POST, "/problem/api/media");
        let ask = ask.header("content-type", content_type).body(medium);

        assert_eq!(ask.send().await.status, 201, "{content_type}");
    }
}

#[tokio::test]
async fn a_medium_is_a_number_from_1_to_100() {
    let gateway = Gateway::start().await;
    let missing = [
        "0",
        "101",
        "99999999999999999999",
        "000",
        "18446744073709551616",
    ];
    let invalid = [
        "abc", "-1", "%41", "1a", "+1", "1.5", "%20", "%31x", "%D9%A1", "0x1", "1e1",
    ];

    for protocol in PROTOCOLS {
        for prefix in PREFIXES {
            for id in missing {
                let path = format!("{prefix}/api/media/{id}");
                let response = gateway.get(&path).over(protocol).send().await;

                assert_eq!(response.status, 404, "{path}: {response:?}");
                assert_limit_fields(prefix, &response);
            }
            for id in invalid {
                let path = format!("{prefix}/api/media/{id}");
                let response = gateway.get(&path).over(protocol).send().await;

                assert_eq!(
                    response.status,
                    validation_status(prefix),
                    "{path}: {response:?}"
                );
                assert_limit_fields(prefix, &response);
            }
        }
    }
}

/// `%31` is `1`, and `%FF` is no text at all.
#[tokio::test]
async fn an_encoded_id_is_decoded_before_it_is_checked() {
    let gateway = Gateway::start().await;

    for (prefix, path) in at("/api/media") {
        let one = gateway.get(&format!("{path}/%31")).send().await;
        assert_eq!(one.status, 200, "{one:?}");
        let none = gateway.get(&format!("{path}/%FF")).send().await;
        assert!(matches!(none.status, 400 | 422), "{none:?}");
        assert_limit_fields(prefix, &none);
    }
}

#[tokio::test]
async fn a_long_id_does_not_make_a_long_response() {
    let gateway = Gateway::start().await;

    for (_, path) in at("/api/media") {
        let digits = gateway.get(&format!("{path}/{}", "9".repeat(8000)));
        let digits = digits.send().await;
        assert_eq!(digits.status, 404);
        assert!(digits.body.len() < 1024, "{} bytes", digits.body.len());

        let letters = gateway.get(&format!("{path}/{}", "a".repeat(8000)));
        let letters = letters.send().await;
        assert!(letters.body.len() < 1024, "{} bytes", letters.body.len());
    }
}
