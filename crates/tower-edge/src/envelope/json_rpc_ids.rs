//! Finds the ids in the body of a JSON-RPC request.

use std::str;

use tower_edge_core::{JsonRpcId, JsonRpcIds};

use super::json_scanner::for_each;

/// Which ids an answer to this body has to carry
/// ([JSON-RPC 2.0, sections 4 to 6](https://www.jsonrpc.org/specification#request_object)).
pub(super) fn parse(body: &[u8]) -> JsonRpcIds {
    let mut messages = Vec::new();
    let batch = for_each(body, b'[', |_, message| {
        messages.push(message);
        Some(())
    });
    // An empty batch is answered as what is no request at all.
    if batch.is_none() || messages.is_empty() || str::from_utf8(body).is_err() {
        return id_of(body).map_or(JsonRpcIds::Nothing, JsonRpcIds::One);
    }
    let ids: Vec<_> = messages.into_iter().filter_map(id_of).collect();
    if ids.is_empty() {
        JsonRpcIds::Nothing
    } else {
        JsonRpcIds::Batch(ids)
    }
}

/// The id of a message; `None` for a notification. An `id` of `null` is not the same as none.
fn id_of(message: &[u8]) -> Option<JsonRpcId> {
    let (mut id, mut has_method) = (None, false);
    let read = for_each(message, b'{', |name, value| {
        match name {
            // An id that is no id is not repeated (section 5: null where it could not be detected).
            "id" => {
                let written = JsonRpcId::from_json(str::from_utf8(value).ok()?);
                id = Some(written.unwrap_or_else(JsonRpcId::null));
            }
            "method" => has_method = true,
            _ => {}
        }
        Some(())
    });
    match read {
        Some(()) if id.is_some() || has_method => id,
        // Not a request at all, so there is somebody to be told.
        _ => Some(JsonRpcId::null()),
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

    // Only the ids and the names of members are looked at as text.
    #[test]
    fn other_values_need_not_be_utf_8() {
        for (body, expected) in [
            (&b"{\"method\":\"\xff\",\"id\":1}"[..], one("1")),
            (b"{\"method\":\"m\",\"id\":\"\xff\"}", one("null")),
            (b"{\"\xff\":0,\"id\":1}", one("null")),
            (b"[{\"method\":\"\xff\",\"id\":1}]", one("null")),
        ] {
            assert_eq!(parse(body), expected, "{}", body.escape_ascii());
        }
    }
}
