use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;
use tower_edge::Problem;
use tower_edge::envelope::JsonRpcId;
use tower_edge_formats::routermcp;

/// The text in this JSON, if that is what it is.
fn text(json: &RawValue) -> Option<String> {
    serde_json::from_str(json.get()).ok()
}

/// What a message asks for.
#[derive(Debug)]
pub(super) enum Message {
    /// To be answered under this id.
    Request {
        id: JsonRpcId,
        method: String,
        params: Option<Box<RawValue>>,
    },
    /// Not to be answered: a notification, or a client's answer.
    Silent,
    /// Not a request; the error is answered under this id.
    Invalid { id: JsonRpcId },
}

impl Message {
    /// The message that is written in this JSON
    /// ([JSON-RPC 2.0, section 4](https://www.jsonrpc.org/specification#request_object)).
    pub(super) fn read(json: &str) -> Self {
        let invalid = |id: Option<JsonRpcId>| Self::Invalid {
            id: id.unwrap_or_else(JsonRpcId::null),
        };
        let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(json) else {
            return invalid(None);
        };
        let id = match members.get("id").map(|id| JsonRpcId::from_json(id.get())) {
            Some(None) => return invalid(None),
            id => id.flatten(),
        };
        // What is `null` is not there.
        let member = |name| members.get(name).filter(|value| value.get() != "null");
        let params = member("params");
        // Parameters are an object or an array, where there are any (section 4.2).
        let params_are_valid = params.is_none_or(|params| params.get().starts_with(['{', '[']));
        if !params_are_valid
            || members.get("jsonrpc").and_then(|it| text(it)).as_deref() != Some("2.0")
        {
            return invalid(id);
        }
        let has_outcome = members.contains_key("result") || member("error").is_some();
        match (id, members.get("method").map(|method| text(method))) {
            (_, None) if has_outcome => Self::Silent,
            (None, Some(Some(_))) => Self::Silent,
            (Some(id), Some(Some(method))) => Self::Request {
                id,
                method,
                params: params.map(|params| (*params).to_owned()),
            },
            (id, _) => invalid(id),
        }
    }
}

/// A response with this result.
pub(super) fn response(id: &JsonRpcId, result: &Value) -> Vec<u8> {
    let id = id.as_json();
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#).into_bytes()
}

/// What is told to whoever sends what is no request.
pub(super) fn invalid_request() -> Problem {
    Problem::from(&routermcp::INVALID_REQUEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_keeps_its_id_as_it_was_written() {
        let read =
            Message::read(r#"{"jsonrpc":"2.0","id":12345678901234567890123,"method":"ping"}"#);

        let Message::Request { id, method, .. } = read else {
            panic!("{read:?}")
        };
        assert_eq!(
            (id.as_json(), method.as_str()),
            ("12345678901234567890123", "ping")
        );
    }

    #[test]
    fn notifications_and_answers_are_not_answered() {
        for json in [
            r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}"#,
        ] {
            assert!(matches!(Message::read(json), Message::Silent), "{json}");
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
            (
                r#"{"jsonrpc":"2.0","id":3,"method":"ping","params":"x"}"#,
                "3",
            ),
        ] {
            let read = Message::read(json);
            assert!(
                matches!(&read, Message::Invalid { id } if id.as_json() == expected),
                "{json}: {read:?}"
            );
        }
    }
}
