use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use tower_edge::envelope::JsonRpcId;

/// What a message asks for.
#[derive(Debug)]
pub(super) enum Message {
    /// Gets a response with this id.
    Request {
        id: JsonRpcId,
        method: String,
        params: Option<Box<RawValue>>,
    },
    /// Gets no response: a notification, or a client's response.
    Silent,
    /// Not a request. The error has this id.
    Invalid { id: JsonRpcId },
}

impl Message {
    /// The message that is written in this JSON
    /// ([JSON-RPC 2.0, section 4](https://www.jsonrpc.org/specification#request_object)).
    pub(super) fn read(json: &[u8]) -> Self {
        let invalid = |id: Option<JsonRpcId>| Self::Invalid {
            id: id.unwrap_or_else(JsonRpcId::null),
        };
        // serde would take an array for the members in their order.
        let is_object = json.trim_ascii_start().starts_with(b"{");
        let members = serde_json::from_slice::<Members>(json);
        let Some(members) = members.ok().filter(|_| is_object) else {
            return invalid(None);
        };
        let id = match members.id.map(|id| JsonRpcId::from_json(id.get())) {
            Some(None) => return invalid(None),
            id => id.flatten(),
        };
        let text = |member: Box<RawValue>| serde_json::from_str::<String>(member.get());
        // Parameters are an object or an array, where there are any (section 4.2).
        let params = members.params;
        let is_structured = |params: &RawValue| params.get().starts_with(['{', '[']);
        let is_2_0 = matches!(members.jsonrpc.map(text), Some(Ok(version)) if version == "2.0");
        if !is_2_0 || !params.as_deref().is_none_or(is_structured) {
            return invalid(id);
        }
        let is_response = members.error.is_some() || members.result.is_some();
        match (id, members.method.map(text)) {
            (_, None) if is_response => Self::Silent,
            (None, Some(Ok(_))) => Self::Silent,
            (Some(id), Some(Ok(method))) => Self::Request { id, method, params },
            (id, _) => invalid(id),
        }
    }
}

/// The members of a message as they are written. serde rejects one that occurs twice.
#[derive(Deserialize)]
struct Members {
    error: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "present")]
    id: Option<Box<RawValue>>,
    jsonrpc: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "present")]
    method: Option<Box<RawValue>>,
    params: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Box<RawValue>>,
}

/// Distinguishes `null` from a member that is missing.
fn present<'de, D: Deserializer<'de>>(member: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::deserialize(member).map(Some)
}

/// A response with this result.
pub(super) fn response(id: &JsonRpcId, result: &Value) -> Vec<u8> {
    let id = id.as_json();
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_keeps_its_id_as_it_was_written() {
        let read =
            Message::read(br#"{"jsonrpc":"2.0","id":12345678901234567890123,"method":"ping"}"#);

        let Message::Request { id, method, .. } = read else {
            panic!("{read:?}")
        };
        assert_eq!(
            (id.as_json(), method.as_str()),
            ("12345678901234567890123", "ping")
        );
    }

    #[test]
    fn notifications_and_responses_get_no_response() {
        for json in [
            r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}"#,
        ] {
            assert!(
                matches!(Message::read(json.as_bytes()), Message::Silent),
                "{json}"
            );
        }
    }

    #[test]
    fn what_is_no_request_is_invalid_under_the_id_that_can_be_known() {
        for (json, expected) in [
            (r#"[null,7,"2.0","ping"]"#, "null"),
            ("7", "null"),
            ("{}", "null"),
            (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, "null"),
            (r#"{"jsonrpc":"1.0","id":"a","method":"ping"}"#, "\"a\""),
            (r#"{"jsonrpc":"2.0","id":3}"#, "3"),
            (r#"{"jsonrpc":"2.0","id":3,"method":7}"#, "3"),
            (r#"{"jsonrpc":"2.0","id":3,"id":4,"method":"ping"}"#, "null"),
            (
                r#"{"jsonrpc":"2.0","id":3,"method":"no","method":"ping"}"#,
                "null",
            ),
            (
                r#"{"jsonrpc":"2.0","id":3,"result":{},"result":{}}"#,
                "null",
            ),
            (
                r#"{"jsonrpc":"2.0","id":3,"method":"ping","params":"x"}"#,
                "3",
            ),
        ] {
            let read = Message::read(json.as_bytes());
            assert!(
                matches!(&read, Message::Invalid { id } if id.as_json() == expected),
                "{json}: {read:?}"
            );
        }
    }
}
