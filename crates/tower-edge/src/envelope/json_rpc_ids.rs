//! Finds the ids in the body of a JSON-RPC request.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use tower_edge_core::{JsonRpcId, JsonRpcIds};

/// Which ids an answer to this body has to carry
/// ([JSON-RPC 2.0, sections 4 to 6](https://www.jsonrpc.org/specification#request_object)).
pub(super) fn parse(body: &[u8]) -> JsonRpcIds {
    let unknown = || JsonRpcIds::One(JsonRpcId::null());
    // A batch begins with a bracket; only then are there several messages to tell apart.
    if body.trim_ascii_start().first() != Some(&b'[') {
        return match serde_json::from_slice::<Message>(body) {
            Ok(Message::Request(id)) => JsonRpcIds::One(id),
            Ok(Message::Notification) => JsonRpcIds::Nothing,
            Err(_) => unknown(),
        };
    }
    let Ok(elements) = serde_json::from_slice::<Vec<&RawValue>>(body) else {
        return unknown();
    };
    if elements.is_empty() {
        return unknown();
    }
    let ids: Vec<_> = elements
        .into_iter()
        .filter_map(|element| id_of(element.get()))
        .collect();
    if ids.is_empty() {
        JsonRpcIds::Nothing
    } else {
        JsonRpcIds::Batch(ids)
    }
}

/// The id of one element of a batch; `None` for a notification.
fn id_of(element: &str) -> Option<JsonRpcId> {
    match serde_json::from_str(element) {
        Ok(Message::Request(id)) => Some(id),
        Ok(Message::Notification) => None,
        Err(_) => Some(JsonRpcId::null()),
    }
}

/// A message that may have to be answered. An `id` of `null` is not the same as none.
enum Message {
    Notification,
    Request(JsonRpcId),
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MessageVisitor)
    }
}

struct MessageVisitor;

impl<'de> Visitor<'de> for MessageVisitor {
    type Value = Message;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON-RPC request")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Message, A::Error> {
        let (mut id, mut method) = (None, false);
        while let Some(Member(name)) = map.next_key()? {
            match name {
                Name::Id => id = Some(map.next_value::<&RawValue>()?),
                Name::Method => {
                    map.next_value::<IgnoredAny>()?;
                    method = true;
                }
                Name::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        match id {
            // An id that is no id is not repeated (section 5: null where it could not be detected).
            Some(id) => Ok(Message::Request(
                JsonRpcId::from_json(id.get()).unwrap_or_else(JsonRpcId::null),
            )),
            None if method => Ok(Message::Notification),
            // Not a request at all, so there is somebody to be told.
            None => Ok(Message::Request(JsonRpcId::null())),
        }
    }
}

/// The name of a member; it may be written with escapes.
struct Member(Name);

enum Name {
    Id,
    Method,
    Other,
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                Ok(match name {
                    "id" => Name::Id,
                    "method" => Name::Method,
                    _ => Name::Other,
                })
            }
        }
        deserializer.deserialize_identifier(NameVisitor).map(Member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(id: &str) -> JsonRpcIds {
        JsonRpcIds::One(JsonRpcId::from_json(id).unwrap())
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

            assert_eq!(parse(body.as_bytes()), one(id), "{body}");
        }
    }

    // JSON-RPC 2.0, section 4.1: a request without an id is a notification.
    #[test]
    fn a_request_without_an_id_is_not_answered() {
        assert_eq!(
            parse(br#"{"jsonrpc":"2.0","method":"ping"}"#),
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
            assert_eq!(parse(body.as_bytes()), one("null"), "{body}");
        }
    }

    #[test]
    fn an_id_deeper_down_is_not_the_request_s() {
        let body = br#"{"params":{"id":5,"method":"m"},"\u0069d":6,"method":"x"}"#;

        assert_eq!(parse(body), one("6"));
    }

    // JSON-RPC 2.0, section 6: one response per request of a batch, none for notifications.
    #[test]
    fn a_batch_has_an_id_per_request() {
        let body = br#" [{"method":"a","id":1},{"method":"b"},{"method":"c","id":"x"},7]"#;
        let ids = ["1", "\"x\"", "null"].map(|id| JsonRpcId::from_json(id).unwrap());

        assert_eq!(parse(body), JsonRpcIds::Batch(ids.to_vec()));
    }

    #[test]
    fn a_batch_of_notifications_is_not_answered() {
        assert_eq!(
            parse(br#"[{"method":"a"},{"method":"b"}]"#),
            JsonRpcIds::Nothing
        );
    }
}
