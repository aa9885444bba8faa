//! What MCP 2026-07-28 demands of a server about errors, status codes and header fields: a test for each sentence with MUST
//! in [its pages](https://modelcontextprotocol.io/specification/2026-07-28), named after the sentence.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Ask, Gateway, PROTOCOLS, Protocol, assert_limit_fields};

const PATHS: [&str; 4] = ["/routermcp/mcp", "/routermcp/mcp/", "/ads/mcp", "/ads/mcp/"];
const VERSION: &str = "2026-07-28";
const LEGACY: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// Sends a request over each protocol to each path.
async fn each(gateway: &Gateway, call: &Call, check: impl Fn(&str, &Answer)) {
    for protocol in PROTOCOLS {
        for path in PATHS {
            let answer = call.ask(gateway, path, protocol).answer().await;
            assert!(!answer.has("mcp-session-id"), "{answer:?}");
            check(path, &answer);
        }
    }
}

async fn assert_error(gateway: &Gateway, call: &Call, status: u16, code: i64) {
    each(gateway, call, |_, answer| {
        is_error(answer, call, status, code)
    })
    .await;
}

fn is_error(answer: &Answer, call: &Call, status: u16, code: i64) {
    assert_eq!(answer.status, status, "{call:?}: {answer:?}");
    assert_eq!(answer.field("content-type"), "application/json");
    let body = answer.json();
    assert_eq!(body["error"]["code"], code, "{call:?}: {answer:?}");
    assert!(body["error"]["message"].is_string(), "{answer:?}");
    assert_eq!(body.get("id"), call.body.get("id"), "{answer:?}");
    assert!(body.get("result").is_none(), "{answer:?}");
}

async fn assert_result(gateway: &Gateway, call: &Call, check: impl Fn(&Value)) {
    each(gateway, call, |path, answer| {
        assert_eq!(answer.status, 200, "{call:?}: {answer:?}");
        assert_eq!(answer.field("content-type"), "application/json");
        assert_limit_fields(path, answer);
        let body = answer.json();
        assert_eq!(
            (&body["jsonrpc"], &body["id"]),
            (&json!("2.0"), &call.body["id"])
        );
        assert!(body.get("error").is_none(), "{answer:?}");
        check(&body["result"]);
    })
    .await;
}

/// A request that a client of the revision sends, until a test changes it.
#[derive(Clone, Debug)]
struct Call {
    body: Value,
    fields: Vec<(String, String)>,
}

impl Call {
    fn of(method: &str) -> Self {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": VERSION,
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": {"_meta": meta}});
        let fields = [
            ("accept", "application/json, text/event-stream"),
            ("mcp-protocol-version", VERSION),
            ("mcp-method", method),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let fields = fields.to_vec();
        Self { body, fields }
    }

    fn tool(name: &str) -> Self {
        let mut call = Self::of("tools/call").with("mcp-name", name);
        call.body["params"]["name"] = json!(name);
        call
    }

    /// With this field in place of others of the name.
    fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// With this field too.
    fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    fn version(mut self, version: &str) -> Self {
        self.meta().insert(
            "io.modelcontextprotocol/protocolVersion".to_owned(),
            json!(version),
        );
        self.with("mcp-protocol-version", version)
    }

    fn id(mut self, id: Value) -> Self {
        self.body["id"] = id;
        self
    }

    fn meta(&mut self) -> &mut serde_json::Map<String, Value> {
        self.body["params"]["_meta"].as_object_mut().unwrap()
    }

    fn ask<'a>(&self, gateway: &'a Gateway, path: &str, protocol: Protocol) -> Ask<'a> {
        let ask = gateway.post(path, self.body.to_string()).over(protocol);
        self.fields
            .iter()
            .fold(ask, |ask, (name, value)| ask.header(name, value))
    }
}

// basic, requests

#[tokio::test]
async fn requests_must_include_a_string_or_integer_id() {
    let gateway = Gateway::start().await;

    for id in [json!("a"), json!(0), json!(-7), json!("")] {
        assert_result(&gateway, &Call::of("tools/list").id(id), |_| {}).await;
    }
    for id in [json!(1.5), json!([1]), json!({}), json!(true)] {
        let call = Call::of("tools/list").id(id);
        each(&gateway, &call, |_, answer| {
            assert_eq!(answer.status, 400, "{answer:?}");
            assert_eq!(answer.json()["error"]["code"], -32600);
        })
        .await;
    }
}

#[tokio::test]
async fn the_id_must_not_be_null() {
    let gateway = Gateway::start().await;

    each(
        &gateway,
        &Call::of("tools/list").id(json!(null)),
        |_, answer| {
            assert_eq!(answer.status, 400, "{answer:?}");
            assert_eq!(answer.json()["error"]["code"], -32600);
            assert_eq!(answer.json().get("id"), None, "{answer:?}");
        },
    )
    .await;
}

// basic, responses

#[tokio::test]
async fn the_result_must_include_a_result_type() {
    let gateway = Gateway::start().await;

    for call in [
        Call::of("server/discover"),
        Call::of("tools/list"),
        Call::tool("media.search"),
        Call::tool("media.broken"),
    ] {
        assert_result(&gateway, &call, |result| {
            assert_eq!(result["resultType"], "complete", "{result}");
            // A SHOULD: a server identifies itself in every result.
            let server = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
            assert!(
                server["name"].is_string() && server["version"].is_string(),
                "{result}"
            );
        })
        .await;
    }
}

#[tokio::test]
async fn error_responses_must_include_the_same_id_except_where_it_could_not_be_read() {
    let gateway = Gateway::start().await;

    for id in [json!("a"), json!(3)] {
        assert_error(&gateway, &Call::of("no/such").id(id), 404, -32601).await;
    }
    for (body, code) in [
        ("{", -32700),
        ("", -32700),
        ("{} {}", -32700),
        ("7", -32600),
    ] {
        for path in PATHS {
            let ask = Call::of("tools/list").ask(&gateway, path, Protocol::Http1);
            let answer = ask.body(body).answer().await;

            assert_eq!(answer.status, 400, "{answer:?}");
            let start = format!(r#"{{"jsonrpc":"2.0","error":{{"code":{code},"message":""#);
            assert!(answer.text().starts_with(&start), "{answer:?}");
        }
    }
}

/// Of `-32000` to `-32099` only `-32020` to `-32022` are defined.
#[tokio::test]
async fn a_code_of_the_reserved_range_that_is_not_defined_must_not_be_emitted() {
    let gateway = Gateway::with(&["--limit", "burst=1/1m", "--timeout", "200ms"]).await;
    let calls = [
        Call::tool("no.such"),
        Call::tool("media.broken"),
        Call::tool("media.slow"),
        Call::of("no/such"),
        Call::of("tools/list").and("x-client-version", "1.1.9"),
        Call::of("tools/list").and("x-client-version", "nonsense"),
        Call::of("tools/list").version("1900-01-01"),
        Call::of("tools/list").without("mcp-method"),
    ];

    for (index, call) in calls.into_iter().enumerate() {
        for path in PATHS {
            let key = format!("{index}{path}");
            let call = call.clone().and("x-api-key", &key);
            for _ in 0..2 {
                let answer = call.ask(&gateway, path, Protocol::Http1).answer().await;

                let body = answer.json();
                let Some(code) = body.get("error").map(|error| error["code"].as_i64()) else {
                    continue;
                };
                let code = code.expect("an integer");
                let is_defined = matches!(code, -32700 | -32603..=-32600 | -32022..=-32020);
                assert!(is_defined || code > 0, "{call:?}: {answer:?}");
            }
        }
    }
}

/// The document of RouterMCP has it for a tool that is not known.
#[tokio::test]
async fn resource_not_found_32002_must_not_be_emitted() {
    let gateway = Gateway::start().await;

    assert_error(&gateway, &Call::tool("no.such"), 400, -32602).await;
}

// basic, _meta

#[tokio::test]
async fn a_request_missing_a_required_member_of_meta_must_be_rejected_with_32602_and_400() {
    let gateway = Gateway::start().await;

    for name in ["protocolVersion", "clientCapabilities"] {
        let mut call = Call::tool("media.search");
        call.meta()
            .remove(&format!("io.modelcontextprotocol/{name}"));
        assert_error(&gateway, &call, 400, -32602).await;
    }
    for params in [json!({}), json!({"_meta": 7}), json!([])] {
        let mut call = Call::of("tools/list");
        call.body["params"] = params;
        assert_error(&gateway, &call, 400, -32602).await;
    }
    let mut call = Call::of("tools/list");
    call.meta().remove("io.modelcontextprotocol/clientInfo");
    assert_result(&gateway, &call, |_| {}).await;
}

#[tokio::test]
async fn servers_must_not_rely_on_prior_requests() {
    let gateway = Gateway::start().await;

    assert_result(&gateway, &Call::tool("media.search"), |result| {
        assert_eq!(result["content"][0]["type"], "text", "{result}");
        assert_eq!(result["isError"], false, "{result}");
    })
    .await;
}

// transports, security and endpoint

#[tokio::test]
async fn an_invalid_origin_must_be_403() {
    let gateway = Gateway::start().await;

    for origin in [
        "nonsense",
        "example.com",
        "https://example.com/path",
        "http://a?b",
    ] {
        let call = Call::of("tools/list").and("origin", origin);
        assert_error(&gateway, &call, 403, 403).await;
    }
    for origin in ["https://example.com", "http://localhost:3000", "null"] {
        let call = Call::of("tools/list").and("origin", origin);
        assert_result(&gateway, &call, |_| {}).await;
    }
}

// transports, sending messages

#[tokio::test]
async fn the_body_must_be_a_single_request_or_notification() {
    let gateway = Gateway::start().await;
    let list = Call::of("tools/list");

    for body in [
        json!([list.body]),
        json!([]),
        json!([list.body, list.body]),
        json!("a"),
    ] {
        for path in PATHS {
            let ask = list
                .ask(&gateway, path, Protocol::Http1)
                .body(body.to_string());
            let answer = ask.answer().await;

            assert_eq!(answer.status, 400, "{answer:?}");
            assert!(answer.text().contains(r#""code":-32600"#), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn an_accepted_notification_must_be_202_without_a_body() {
    let gateway = Gateway::start().await;
    let mut call = Call::of("notifications/cancelled");
    call.body.as_object_mut().unwrap().remove("id");

    for call in [call.clone(), call.without("mcp-method")] {
        for protocol in PROTOCOLS {
            for path in PATHS {
                let answer = call.ask(&gateway, path, protocol).answer().await;

                assert_eq!((answer.status, answer.text()), (202, ""), "{answer:?}");
                assert!(!answer.has("content-type"), "{answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_notification_that_is_not_accepted_must_get_an_http_error_status() {
    let gateway = Gateway::start().await;
    let mut call = Call::of("notifications/cancelled").version("1900-01-01");
    call.body.as_object_mut().unwrap().remove("id");
    // Clients must not send responses.
    let mut response = Call::of("tools/list");
    response.body = json!({"jsonrpc": "2.0", "id": 1, "result": {}});

    for call in [call, response] {
        for path in PATHS {
            let ask = call.ask(&gateway, path, Protocol::Http1);
            let answer = ask.answer_of_any_kind().await;

            assert_eq!((answer.status, answer.text()), (400, ""), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_request_must_get_json_or_an_event_stream() {
    let gateway = Gateway::start().await;

    for accept in [
        "application/json, text/event-stream",
        "application/json",
        "*/*",
    ] {
        let call = Call::of("tools/list").with("accept", accept);
        each(&gateway, &call, |_, answer| {
            assert_eq!(answer.field("content-type"), "application/json");
        })
        .await;
    }
}

// transports, protocol version header

#[tokio::test]
async fn every_post_must_include_the_version() {
    let gateway = Gateway::start().await;

    let call = Call::of("tools/list").without("mcp-protocol-version");
    assert_error(&gateway, &call, 400, -32020).await;
    // A client of an earlier revision sends neither, and no version in its body.
    let call = call.without("mcp-method");
    assert_error(&gateway, &call, 400, -32020).await;
}

#[tokio::test]
async fn a_version_that_differs_from_the_body_must_be_rejected_with_400_and_a_header_mismatch() {
    let gateway = Gateway::start().await;

    for legacy in LEGACY {
        let call = Call::tool("media.search").with("mcp-protocol-version", legacy);
        assert_error(&gateway, &call, 400, -32020).await;

        let call = Call::tool("media.search").version(legacy);
        let call = call.with("mcp-protocol-version", VERSION);
        assert_error(&gateway, &call, 400, -32020).await;
    }
    let call = Call::of("tools/list").and("mcp-protocol-version", VERSION);
    assert_error(&gateway, &call, 400, -32020).await;
}

#[tokio::test]
async fn a_version_that_is_not_implemented_must_be_400_with_the_supported_versions() {
    let gateway = Gateway::start().await;

    for version in ["1900-01-01", "2026-07-27", "2027-01-01", "nonsense"] {
        for call in [
            Call::of("tools/list"),
            Call::of("tools/list").without("mcp-method"),
        ] {
            let call = call.version(version);
            each(&gateway, &call, |_, answer| {
                is_error(answer, &call, 400, -32022);
                let data = &answer.json()["error"]["data"];
                assert_eq!(data["requested"], version, "{answer:?}");
                let supported = data["supported"].as_array().unwrap();
                assert_eq!(supported[0], VERSION, "{answer:?}");
                assert_eq!(supported[1..], LEGACY.map(Value::from), "{answer:?}");
            })
            .await;
        }
    }
}

#[tokio::test]
async fn a_method_that_is_not_implemented_must_be_404_with_32601() {
    let gateway = Gateway::start().await;

    // The revision has removed those that earlier ones have.
    for method in [
        "no/such",
        "initialize",
        "ping",
        "Tools/list",
        "logging/setLevel",
        "",
    ] {
        assert_error(&gateway, &Call::of(method), 404, -32601).await;
    }
}

// transports, standard request headers and server validation

#[tokio::test]
async fn a_standard_header_that_is_missing_must_be_rejected_with_400_and_32020() {
    let gateway = Gateway::start().await;

    for name in ["mcp-protocol-version", "mcp-method", "mcp-name"] {
        let call = Call::tool("media.search").without(name);
        assert_error(&gateway, &call, 400, -32020).await;
    }
}

#[tokio::test]
async fn a_header_that_differs_from_the_body_must_be_rejected_with_400_and_32020() {
    let gateway = Gateway::start().await;

    for (name, value) in [
        ("mcp-method", "tools/list"),
        // Values are case-sensitive.
        ("mcp-method", "Tools/Call"),
        ("mcp-name", "media.broken"),
        ("mcp-name", "Media.Search"),
        ("mcp-name", ""),
    ] {
        let call = Call::tool("media.search").with(name, value);
        assert_error(&gateway, &call, 400, -32020).await;
    }
    for name in ["mcp-method", "mcp-name"] {
        let call = Call::tool("media.search");
        let (_, value) = call
            .fields
            .iter()
            .find(|(known, _)| known == name)
            .unwrap()
            .clone();
        assert_error(&gateway, &call.and(name, &value), 400, -32020).await;
    }
}

#[tokio::test]
async fn a_header_with_invalid_characters_must_be_rejected_with_400_and_32020() {
    let gateway = Gateway::start().await;

    for value in ["=?base64?*?=", "=?base64?/w==?=", "m\u{e9}dia"] {
        let call = Call::tool("media.search").with("mcp-name", value);
        assert_error(&gateway, &call, 400, -32020).await;
    }
}

#[tokio::test]
async fn an_encoded_name_must_be_decoded_before_it_is_compared() {
    let gateway = Gateway::start().await;

    let call = Call::tool("media.search").with("mcp-name", "=?base64?bWVkaWEuc2VhcmNo?=");
    assert_result(&gateway, &call, |_| {}).await;
    let call = Call::tool("媒体").with("mcp-name", "=?base64?5aqS5L2T?=");
    assert_error(&gateway, &call, 400, -32602).await;
}

#[tokio::test]
async fn header_names_must_be_compared_without_regard_to_case() {
    let gateway = Gateway::start().await;
    let call = Call::of("tools/list");
    let body = call.body.to_string();
    let request = format!(
        "POST /ads/mcp HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n\
         MCP-PROTOCOL-VERSION: {VERSION}\r\nmCP-mETHOD: tools/list\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );

    let answer = crate::support::raw(&gateway, request).await;

    assert_eq!(answer.status, 200, "{answer:?}");
}

/// A header field of a tool's parameter that the server does not know is ignored.
#[tokio::test]
async fn an_unknown_parameter_header_must_be_ignored() {
    let gateway = Gateway::start().await;

    let call = Call::tool("media.search").and("mcp-param-region", "us-west1");
    assert_result(&gateway, &call, |_| {}).await;
}

// transports, backward compatibility: these are SHOULDs

#[tokio::test]
async fn other_methods_of_http_are_405() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for path in PATHS {
            for method in [Method::GET, Method::DELETE] {
                let ask = gateway.ask(method, path).over(protocol);
                let answer = ask.header("mcp-protocol-version", VERSION).answer().await;

                assert_eq!((answer.status, answer.field("allow")), (405, "POST"));
            }
        }
    }
}

#[tokio::test]
async fn a_session_and_the_id_of_an_event_are_ignored() {
    let gateway = Gateway::start().await;

    let call = Call::of("tools/list")
        .and("mcp-session-id", "a")
        .and("last-event-id", "7");
    assert_result(&gateway, &call, |_| {}).await;
}

// server, discovery, caching and tools

#[tokio::test]
async fn servers_must_implement_discover() {
    let gateway = Gateway::start().await;

    assert_result(&gateway, &Call::of("server/discover"), |result| {
        let versions = result["supportedVersions"].as_array().unwrap();
        assert_eq!(versions[0], VERSION, "{result}");
        // Servers that support tools must declare the capability.
        assert!(result["capabilities"]["tools"].is_object(), "{result}");
    })
    .await;
}

#[tokio::test]
async fn servers_must_include_caching_hints() {
    let gateway = Gateway::start().await;

    for method in ["server/discover", "tools/list"] {
        assert_result(&gateway, &Call::of(method), |result| {
            assert!(result["ttlMs"].as_u64().is_some(), "{result}");
            assert_eq!(result["cacheScope"], "public", "{result}");
        })
        .await;
    }
}

#[tokio::test]
async fn servers_must_respond_to_tools_list_in_one_order() {
    let gateway = Gateway::start().await;

    assert_result(&gateway, &Call::of("tools/list"), |result| {
        let tools = result["tools"].as_array().unwrap().iter();
        let names: Vec<_> = tools.map(|tool| tool["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["media.search", "media.broken", "media.slow"]);
    })
    .await;
}

#[tokio::test]
async fn a_tool_that_fails_is_a_result_for_the_model() {
    let gateway = Gateway::hasty().await;

    for name in ["media.broken", "media.slow"] {
        assert_result(&gateway, &Call::tool(name), |result| {
            assert_eq!(result["isError"], true, "{result}");
            let text = result["content"][0]["text"].as_str().unwrap();
            assert!(text.starts_with("Error "), "{text}");
        })
        .await;
    }
}

#[tokio::test]
async fn servers_must_rate_limit_tool_invocations() {
    let gateway = Gateway::with(&["--limit", "burst=1/1m"]).await;

    for protocol in PROTOCOLS {
        for path in PATHS {
            let call = Call::tool("media.search").and("x-api-key", &format!("{protocol:?}{path}"));
            assert_eq!(
                call.ask(&gateway, path, protocol).answer().await.status,
                200
            );
            let rejected = call.ask(&gateway, path, protocol).answer().await;

            is_error(&rejected, &call, 429, 429);
            assert!((1..=60).contains(&rejected.number("retry-after")));
            assert_limit_fields(path, &rejected);
        }
    }
}

/// The envelope of the revision is that of all layers, whatever the document of the prefix has.
#[tokio::test]
async fn layers_reject_in_the_form_of_the_revision() {
    let gateway = Gateway::start().await;

    let call = Call::of("tools/list").and("x-client-version", "1.1.9");
    assert_error(&gateway, &call, 426, 426).await;
    let call = Call::of("tools/list").with("content-type", "text/plain");
    for path in PATHS {
        let ask = gateway.ask(Method::POST, path).body(call.body.to_string());
        let ask = call
            .fields
            .iter()
            .fold(ask, |ask, (name, value)| ask.header(name, value));

        is_error(&ask.answer().await, &call, 415, 415);
    }
}

// The revisions before it

#[tokio::test]
async fn earlier_revisions_keep_their_rules() {
    let gateway = Gateway::start().await;

    for version in LEGACY {
        for (path, unknown) in [
            ("/routermcp/mcp", -32002),
            ("/routermcp/mcp/", -32002),
            ("/ads/mcp", -32602),
        ] {
            let post = |body: Value| {
                let ask = gateway.post(path, body.to_string());
                ask.header("mcp-protocol-version", version)
            };
            let ping = post(json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}));
            assert_eq!(ping.answer().await.json()["result"], json!({}), "{version}");

            let call =
                json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}});
            let answer = post(call).answer().await;
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(answer.json()["error"]["code"], unknown);

            let discover = post(json!({"jsonrpc": "2.0", "id": 1, "method": "server/discover"}));
            let answer = discover.answer().await;
            assert_eq!(
                (answer.status, &answer.json()["error"]["code"]),
                (200, &json!(-32601))
            );

            let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize",
                "params": {"protocolVersion": version}});
            let answer = post(initialize).answer().await.json();
            assert_eq!(answer["result"]["protocolVersion"], version);
            assert_eq!(answer["result"].get("resultType"), None, "{answer}");
        }
    }
}

#[tokio::test]
async fn a_handshake_never_agrees_on_a_revision_that_has_none() {
    let gateway = Gateway::start().await;

    let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": VERSION}});
    for path in PATHS {
        let answer = gateway.post(path, initialize.to_string()).answer().await;

        assert_eq!(answer.json()["result"]["protocolVersion"], LEGACY[0]);
    }
}
