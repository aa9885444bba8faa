use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// The ids that the response to a [JSON-RPC](https://www.jsonrpc.org/specification) request has to carry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonRpcIds {
    /// One id for each request of a batch, and for each element that is no message at all. Never empty.
    Batch(Vec<JsonRpcId>),
    /// No id: only notifications and responses were sent.
    Nothing,
    /// One id, for a single request or a body whose id is unknown.
    One(JsonRpcId),
}

impl JsonRpcIds {
    /// The maximum number of messages in a batch. The response to a larger one is one error, so that it is not much
    /// longer than the request.
    pub const MAX_BATCH: usize = 1000;

    /// The ids in the body of a request.
    ///
    /// ```
    /// use tower_edge_core::{JsonRpcId, JsonRpcIds};
    ///
    /// let ids = JsonRpcIds::from_json(br#"{"jsonrpc": "2.0", "method": "ping", "id": 7}"#);
    ///
    /// assert_eq!(JsonRpcId::from_json("7").map(JsonRpcIds::One), Some(ids));
    /// ```
    #[must_use]
    pub fn from_json(body: &[u8]) -> Self {
        let batch: Vec<&RawValue> = serde_json::from_slice(body).unwrap_or_default();
        if batch.len() > Self::MAX_BATCH {
            return Self::One(JsonRpcId::null());
        }
        // Section 6: the response to an empty batch is the one to an invalid request.
        if batch.is_empty() {
            return id_of(body).map_or(Self::Nothing, Self::One);
        }
        let messages = batch.into_iter().map(|message| message.get().as_bytes());
        let ids: Vec<_> = messages.filter_map(id_of).collect();
        match ids.is_empty() {
            true => Self::Nothing,
            false => Self::Batch(ids),
        }
    }
}

/// The id of a message. `None` for a message that gets no response.
fn id_of(message: &[u8]) -> Option<JsonRpcId> {
    let Ok(members) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(message) else {
        return Some(JsonRpcId::null());
    };
    let method = members.get("method").map(|method| method.get());
    let method = method.map(serde_json::from_str::<String>);
    let id = members.get("id").map(|id| JsonRpcId::from_json(id.get()));
    match (method, id) {
        // Section 4.1: a request without an id is a notification.
        (Some(Ok(_)), None) => None,
        // A response, which gets no response.
        (None, _) if members.contains_key("result") || members.contains_key("error") => None,
        (Some(Ok(method)), Some(Some(id))) => Some(JsonRpcId {
            calls_tool: method == "tools/call" && !id.is_null(),
            ..id
        }),
        // Section 5: null, where the id could not be detected.
        (_, id) => Some(id.flatten().unwrap_or_else(JsonRpcId::null)),
    }
}

/// The id of a JSON-RPC request, as the JSON text that the client wrote. A number beyond 2^53 comes back exactly.
#[derive(Clone, Debug, Eq)]
pub struct JsonRpcId {
    calls_tool: bool,
    json: Box<str>,
}

impl JsonRpcId {
    /// The id of a response to a request whose id is unknown.
    #[must_use]
    pub fn null() -> Self {
        Self {
            calls_tool: false,
            json: "null".into(),
        }
    }

    /// The id in this JSON text. `None` unless it is a string, a number or `null`.
    ///
    /// The text has to be valid JSON, as a parser returns it.
    #[must_use]
    pub fn from_json(text: &str) -> Option<Self> {
        let allowed = text == "null"
            || text.starts_with(['"', '-'])
            || text.starts_with(|c: char| c.is_ascii_digit());
        allowed.then(|| Self {
            calls_tool: false,
            json: text.into(),
        })
    }

    /// The JSON text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }

    /// Whether the request calls a tool of MCP: its method is `tools/call`, and a result has its id.
    pub(super) const fn calls_tool(&self) -> bool {
        self.calls_tool
    }

    pub(super) fn is_null(&self) -> bool {
        &*self.json == "null"
    }
}

impl PartialEq for JsonRpcId {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(id: &str) -> JsonRpcIds {
        JsonRpcIds::One(JsonRpcId::from_json(id).unwrap())
    }

    // JSON-RPC 2.0, section 4: an id is a String, a Number or Null.
    #[test]
    fn an_id_is_a_string_a_number_or_null() {
        for id in ["\"a\"", "1", "-1", "12345678901234567890123", "null"] {
            assert_eq!(
                JsonRpcId::from_json(id).as_ref().map(JsonRpcId::as_json),
                Some(id)
            );
        }
        for other in ["{}", "[1]", "true", "false"] {
            assert_eq!(JsonRpcId::from_json(other), None, "{other}");
        }
    }

    #[test]
    fn an_id_is_repeated_as_it_was_written() {
        for id in [
            "1",
            "0",
            "-7",
            "1.0",
            "1e3",
            "12345678901234567890123",
            "\"7\"",
            "\"a\\u0041\"",
            "null",
        ] {
            let body = format!(r#"{{"jsonrpc":"2.0","method":"ping","id":{id}}}"#);

            assert_eq!(JsonRpcIds::from_json(body.as_bytes()), one(id), "{body}");
        }
    }

    #[test]
    fn an_id_is_the_same_whatever_its_request_calls() {
        let ids = JsonRpcIds::from_json(br#"{"method":"tools/call","id":7}"#);

        assert_eq!(ids, one("7"));
    }

    #[test]
    fn a_batch_that_is_too_long_has_one_error() {
        let batch = |length| format!("[{}1]", "1,".repeat(length - 1));
        let longest = JsonRpcIds::from_json(batch(JsonRpcIds::MAX_BATCH).as_bytes());

        assert!(matches!(longest, JsonRpcIds::Batch(ids) if ids.len() == JsonRpcIds::MAX_BATCH));
        let longer = JsonRpcIds::from_json(batch(JsonRpcIds::MAX_BATCH + 1).as_bytes());
        assert_eq!(longer, one("null"));
    }

    // JSON-RPC 2.0, section 4.1: a request without an id is a notification.
    #[test]
    fn a_request_without_an_id_gets_no_response() {
        assert_eq!(
            JsonRpcIds::from_json(br#"{"jsonrpc":"2.0","method":"ping"}"#),
            JsonRpcIds::Nothing
        );
    }

    // JSON-RPC 2.0, section 5: null, where the id could not be detected.
    #[test]
    fn an_id_that_cannot_be_known_is_null() {
        for body in [
            "",
            "{",
            "{}",
            "nonsense",
            "7",
            "\"id\"",
            r#"{"id":{"a":1},"method":"x"}"#,
            "[]",
            "[",
            "[1,2",
            "\u{feff}{}",
        ] {
            assert_eq!(
                JsonRpcIds::from_json(body.as_bytes()),
                one("null"),
                "{body}"
            );
        }
    }

    #[test]
    fn an_id_deeper_down_is_not_the_request_s() {
        let body = br#"{"params":{"id":5,"method":"m"},"\u0069d":6,"method":"x"}"#;

        assert_eq!(JsonRpcIds::from_json(body), one("6"));
    }

    // JSON-RPC 2.0, section 6: one response per request of a batch, none for notifications.
    #[test]
    fn a_batch_has_an_id_per_request() {
        let body = br#" [{"method":"a","id":1},{"method":"b"},{"method":"c","id":"x"},7]"#;
        let ids = ["1", "\"x\"", "null"].map(|id| JsonRpcId::from_json(id).unwrap());

        assert_eq!(JsonRpcIds::from_json(body), JsonRpcIds::Batch(ids.to_vec()));
    }

    #[test]
    fn a_batch_of_notifications_gets_no_response() {
        assert_eq!(
            JsonRpcIds::from_json(br#"[{"method":"a"},{"method":"b"}]"#),
            JsonRpcIds::Nothing
        );
    }

    // RFC 8259, section 8.1: JSON between systems is UTF-8.
    #[test]
    fn what_is_not_utf_8_has_no_id_that_can_be_known() {
        for body in [
            &b"{\"method\":\"\xff\",\"id\":1}"[..],
            b"{\"method\":\"m\",\"id\":\"\xff\"}",
            b"{\"\xff\":0,\"id\":1}",
            b"[{\"method\":\"\xff\",\"id\":1}]",
        ] {
            let body_as_text = body.escape_ascii();
            assert_eq!(JsonRpcIds::from_json(body), one("null"), "{body_as_text}");
        }
    }

    // MCP, sending messages to the server: neither is responded to, also in a batch.
    #[test]
    fn a_response_gets_no_response() {
        for body in [
            r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}"#,
            r#"[{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","id":2,"result":{}}]"#,
            r#"[{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","method":"x"}]"#,
        ] {
            assert_eq!(
                JsonRpcIds::from_json(body.as_bytes()),
                JsonRpcIds::Nothing,
                "{body}"
            );
        }
    }

    #[test]
    fn only_the_requests_of_a_mixed_batch_have_an_id() {
        let body = br#"[{"id":1,"result":{}},{"id":2,"method":"x"},{"method":"y"}]"#;
        let ids = vec![JsonRpcId::from_json("2").unwrap()];

        assert_eq!(JsonRpcIds::from_json(body), JsonRpcIds::Batch(ids));
    }

    // The examples of JSON-RPC 2.0, section 7.
    #[test]
    fn the_examples_of_the_specification_have_their_ids() {
        let nulls = |count| JsonRpcIds::Batch(vec![JsonRpcId::null(); count]);
        let batch = r#"[
            {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
            {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
            {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
            {"foo": "boo"},
            {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
            {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
        ]"#;
        let ids = ["\"1\"", "\"2\"", "null", "\"5\"", "\"9\""];
        let ids = ids.map(|id| JsonRpcId::from_json(id).unwrap()).to_vec();
        for (body, expected) in [
            (
                r#"{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}"#,
                one("1"),
            ),
            (
                r#"{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}"#,
                JsonRpcIds::Nothing,
            ),
            (
                r#"{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]"#,
                one("null"),
            ),
            (
                r#"{"jsonrpc": "2.0", "method": 1, "params": "bar"}"#,
                one("null"),
            ),
            (
                r#"[{"jsonrpc": "2.0", "method": "sum", "id": "1"}, {"jsonrpc": "2.0", "method"]"#,
                one("null"),
            ),
            ("[]", one("null")),
            ("[1]", nulls(1)),
            ("[1,2,3]", nulls(3)),
            (batch, JsonRpcIds::Batch(ids)),
            (
                r#"[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]}]"#,
                JsonRpcIds::Nothing,
            ),
        ] {
            assert_eq!(JsonRpcIds::from_json(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn a_message_may_be_nested_deeply() {
        let depth = 1 << 20;
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let body = format!(r#"{{"method":"x","params":{nested},"id":1}}"#);

        assert_eq!(JsonRpcIds::from_json(body.as_bytes()), one("1"));
        assert_eq!(
            JsonRpcIds::from_json(&body.as_bytes()[..depth]),
            one("null")
        );
    }
}
