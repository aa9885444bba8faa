use serde::Deserialize;
use serde_json::value::RawValue;
use tower_edge::Problem;
use tower_edge::envelope::JsonRpcId;
use tower_edge_formats::routermcp;

/// A message of a client, as it was written.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    method: Option<&'a RawValue>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
}

/// Tells an `id` of `null` from none.
fn present<'de: 'a, 'a, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

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
        // serde reads an array as the members in their order, too.
        let is_object = json.trim_start().starts_with('{');
        let Some(written) = serde_json::from_str::<Written<'_>>(json)
            .ok()
            .filter(|_| is_object)
        else {
            return Self::Invalid {
                id: JsonRpcId::null(),
            };
        };
        let id = match written.id.map(|id| JsonRpcId::from_json(id.get())) {
            Some(Some(id)) => Some(id),
            Some(None) => {
                return Self::Invalid {
                    id: JsonRpcId::null(),
                };
            }
            None => None,
        };
        let method = written.method.map(text);
        let is_answer = method.is_none() && (written.result.is_some() || written.error.is_some());
        // Parameters are an object or an array, where there are any (section 4.2).
        let params_are_valid = written
            .params
            .is_none_or(|params| params.get().starts_with(['{', '[']));
        let is_valid = written.jsonrpc.and_then(text).as_deref() == Some("2.0") && params_are_valid;
        match (id, method) {
            (_, None) if is_valid && is_answer => Self::Silent,
            (None, Some(Some(_))) if is_valid => Self::Silent,
            (Some(id), Some(Some(method))) if is_valid => Self::Request {
                id,
                method,
                params: written.params.map(ToOwned::to_owned),
            },
            (id, _) => Self::Invalid {
                id: id.unwrap_or_else(JsonRpcId::null),
            },
        }
    }
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
