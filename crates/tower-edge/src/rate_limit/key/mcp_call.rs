use std::borrow::Cow;

use http::HeaderName;
use tower_edge_core::Head;
use tower_edge_core::json_rpc::McpFields;
use tower_edge_core::rate_limit::{Key, KeyExtractor};

/// The call of an [MCP](https://modelcontextprotocol.io/specification/2026-07-28) request: the method and the name in
/// its fields `Mcp-Method` and `Mcp-Name`. It is usually a part of a tuple.
///
/// ```
/// use tower_edge::rate_limit::key::McpCall;
/// use tower_edge::rate_limit::{ApiKey, Limit, Quota};
///
/// let limits = [
///     // Five searches a minute for each API key, and sixty calls of all tools together.
///     Limit::new(Quota::per_minute(5).named("search"), (ApiKey, McpCall::tool("media.search"))),
///     Limit::new(Quota::per_minute(60).named("tools"), (ApiKey, McpCall::method("tools/call"))),
/// ];
/// ```
///
/// Clients of revision 2026-07-28 and later send the fields, and their servers reject a request whose body differs. A
/// request that names an earlier revision in `MCP-Protocol-Version`, or none, has no key, since no server compares its
/// fields with its body.
///
/// So if the server also supports an earlier revision, a client can avoid the limit. Then also limit it by
/// [`ApiKey`](super::ApiKey), or in the handler, which has read the body: [`Limit::in_handler`]. A POST of the new
/// revisions is one call, and costs 1. For a batch of an earlier revision, a handler charges the other calls by
/// [`RateLimitHandle::acquire`].
///
/// [`Limit::in_handler`]: crate::rate_limit::Limit::in_handler
/// [`RateLimitHandle::acquire`]: crate::rate_limit::RateLimitHandle::acquire
#[derive(Clone, Debug)]
pub struct McpCall {
    method: Option<Box<str>>,
    tool: Option<Box<str>>,
}

impl McpCall {
    /// Each method, and each name under it, has its own key. A client can send any, and each has a quota of its own, so
    /// add a limit of all calls together.
    #[must_use]
    pub const fn each() -> Self {
        Self {
            method: None,
            tool: None,
        }
    }

    /// The requests of this method, such as `tools/list`. Others have no key, and are not limited.
    #[must_use]
    pub fn method(method: impl Into<Box<str>>) -> Self {
        Self {
            method: Some(method.into()),
            tool: None,
        }
    }

    /// The calls of this tool. Other requests have no key, and are not limited.
    #[must_use]
    pub fn tool(name: impl Into<Box<str>>) -> Self {
        Self {
            method: Some("tools/call".into()),
            tool: Some(name.into()),
        }
    }
}

impl KeyExtractor for McpCall {
    fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
        let fields = McpFields::from(head);
        let method = fields.method().filter(|_| fields.are_validated())?;
        let key = match (&self.method, &self.tool) {
            (None, _) => [
                Key::from(method),
                Key::from(fields.name().unwrap_or_default()),
            ],
            (Some(only), _) if **only != *method => return None,
            (Some(only), None) => [Key::from(&**only), Key::from("")],
            (Some(_), Some(tool)) if fields.name() != Some(Cow::Borrowed(&**tool)) => return None,
            (Some(only), Some(tool)) => [Key::from(&**only), Key::from(&**tool)],
        };
        Some(Key::from(key))
    }

    fn fields(&self) -> Vec<HeaderName> {
        McpFields::field_names().into()
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn request(version: &str, method: &str, name: &str) -> Request<()> {
        Request::post("/mcp")
            .header("mcp-protocol-version", version)
            .header("mcp-method", method)
            .header("mcp-name", name)
            .body(())
            .unwrap()
    }

    fn call(name: &str) -> Request<()> {
        request("2026-07-28", "tools/call", name)
    }

    #[test]
    fn a_tool_is_known_by_its_name_in_base64_too() {
        let search = McpCall::tool("media.search");

        for name in ["media.search", "=?base64?bWVkaWEuc2VhcmNo?="] {
            let call = call(name);
            let expected = Key::from([Key::from("tools/call"), Key::from("media.search")]);
            assert_eq!(search.key(Head::from(&call)), Some(expected), "{name}");
        }
        for other in [
            call("media.slow"),
            call("=?base64?*?="),
            request("2026-07-28", "prompts/get", "media.search"),
        ] {
            assert_eq!(search.key(Head::from(&other)), None, "{other:?}");
        }
    }

    #[test]
    fn the_calls_of_one_method_share_a_key() {
        let tools = McpCall::method("tools/call");

        let [one, other, broken] = ["a", "b", "=?base64?*?="].map(call);
        let key = tools.key(Head::from(&one));
        assert!(key.is_some());
        assert_eq!(tools.key(Head::from(&other)), key);
        assert_eq!(tools.key(Head::from(&broken)), key);
        let list = request("2026-07-28", "tools/list", "");
        assert_eq!(tools.key(Head::from(&list)), None);
    }

    #[test]
    fn each_method_and_name_has_a_key_of_its_own() {
        let each = McpCall::each();

        let list = request("2026-07-28", "tools/list", "a");
        let [one, other, list] = [call("a"), call("b"), list];
        let key = each.key(Head::from(&one));
        assert!(key.is_some());
        assert_ne!(each.key(Head::from(&other)), key);
        assert_ne!(each.key(Head::from(&list)), key);
    }

    // MCP, server validation: what enforces a policy by these fields verifies that the version has them validated.
    #[test]
    fn fields_that_no_server_compares_with_the_body_are_no_key() {
        for version in ["2025-11-25", "nonsense"] {
            let call = request(version, "tools/call", "media.search");

            for key in [McpCall::each(), McpCall::tool("media.search")] {
                assert_eq!(key.key(Head::from(&call)), None, "{version}");
            }
        }
    }
}
