use serde_json::{Value, json};

use crate::support::{Ask, Gateway, PROTOCOLS, Protocol, TestResponse, assert_limit_fields};

pub(super) const PATHS: [&str; 4] = ["/routermcp/mcp", "/routermcp/mcp/", "/ads/mcp", "/ads/mcp/"];
pub(super) const VERSION: &str = "2026-07-28";
pub(super) const LEGACY: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// Sends a request over each protocol to each path.
pub(super) async fn each(gateway: &Gateway, call: &Call, check: impl Fn(&str, &TestResponse)) {
    for protocol in PROTOCOLS {
        for path in PATHS {
            let response = call.ask(gateway, path, protocol).send().await;
            assert!(!response.has("mcp-session-id"), "{response:?}");
            check(path, &response);
        }
    }
}

pub(super) async fn assert_error(gateway: &Gateway, call: &Call, status: u16, code: i64) {
    each(gateway, call, |_, response| {
        is_error(response, call, status, code);
    })
    .await;
}

pub(super) fn is_error(response: &TestResponse, call: &Call, status: u16, code: i64) {
    assert_eq!(response.status, status, "{call:?}: {response:?}");
    assert_eq!(response.field("content-type"), "application/json");
    let body = response.json();
    assert_eq!(body["error"]["code"], code, "{call:?}: {response:?}");
    assert!(body["error"]["message"].is_string(), "{response:?}");
    assert_eq!(body.get("id"), call.body.get("id"), "{response:?}");
    assert!(body.get("result").is_none(), "{response:?}");
}

pub(super) async fn assert_result(gateway: &Gateway, call: &Call, check: impl Fn(&Value)) {
    each(gateway, call, |path, response| {
        assert_eq!(response.status, 200, "{call:?}: {response:?}");
        assert_eq!(response.field("content-type"), "application/json");
        assert_limit_fields(path, response);
        let body = response.json();
        assert_eq!(
            (&body["jsonrpc"], &body["id"]),
            (&json!("2.0"), &call.body["id"])
        );
        assert!(body.get("error").is_none(), "{response:?}");
        check(&body["result"]);
    })
    .await;
}

/// A request that a client of the revision sends, until a test changes it.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) body: Value,
    pub(super) fields: Vec<(String, String)>,
}

impl Call {
    pub(super) fn of(method: &str) -> Self {
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

    pub(super) fn tool(name: &str) -> Self {
        let mut call = Self::of("tools/call").with("mcp-name", name);
        call.body["params"]["name"] = json!(name);
        call
    }

    /// With this field in place of others of the name.
    pub(super) fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// With this field too.
    pub(super) fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    pub(super) fn version(mut self, version: &str) -> Self {
        self.meta().insert(
            "io.modelcontextprotocol/protocolVersion".to_owned(),
            json!(version),
        );
        self.with("mcp-protocol-version", version)
    }

    pub(super) fn id(mut self, id: Value) -> Self {
        self.body["id"] = id;
        self
    }

    pub(super) fn meta(&mut self) -> &mut serde_json::Map<String, Value> {
        self.body["params"]["_meta"].as_object_mut().unwrap()
    }

    pub(super) fn ask<'a>(&self, gateway: &'a Gateway, path: &str, protocol: Protocol) -> Ask<'a> {
        let ask = gateway.post(path, self.body.to_string()).over(protocol);
        self.fields
            .iter()
            .fold(ask, |ask, (name, value)| ask.header(name, value))
    }
}
