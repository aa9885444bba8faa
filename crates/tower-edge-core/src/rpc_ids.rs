/// Which ids the answer to a [JSON-RPC](https://www.jsonrpc.org/specification) request has to carry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RpcIds {
    /// One per element of a batch that is not a notification; never empty.
    Batch(Vec<RpcId>),
    /// Nothing is answered: a notification, or a batch of notifications.
    Nothing,
    /// One request, or a body whose id cannot be known.
    One(RpcId),
}

/// The id of a JSON-RPC request: the JSON text as the client wrote it, so that a number beyond 2^53
/// comes back exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpcId(Box<str>);

impl RpcId {
    /// The id of an answer to a request whose id cannot be known.
    #[must_use]
    pub fn null() -> Self {
        Self("null".into())
    }

    /// The id in this JSON text; `None` unless it is a string, a number or `null`.
    ///
    /// The text has to be valid JSON, as a parser hands it on.
    #[must_use]
    pub fn of_json(text: &str) -> Option<Self> {
        let allowed = text == "null"
            || text.starts_with(['"', '-'])
            || text.starts_with(|c: char| c.is_ascii_digit());
        allowed.then(|| Self(text.into()))
    }

    /// The JSON text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // JSON-RPC 2.0, section 4: an id is a String, a Number or Null.
    #[test]
    fn an_id_is_a_string_a_number_or_null() {
        for id in ["\"a\"", "1", "-1", "12345678901234567890123", "null"] {
            assert_eq!(RpcId::of_json(id).as_ref().map(RpcId::as_json), Some(id));
        }
        for other in ["{}", "[1]", "true", "false"] {
            assert_eq!(RpcId::of_json(other), None, "{other}");
        }
    }
}
