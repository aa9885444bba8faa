use http::StatusCode;
use tower_edge_core::json_rpc::{JsonRpc, RpcErrorStyle};
use tower_edge_core::{Code, Context, Definition, Format, Kind, Problem};

use super::{CATALOG, HEADER_MISMATCH};

/// The errors of MCP: [JSON-RPC errors](JsonRpc) with the codes of the [catalogue](CATALOG). They repeat the ids
/// exactly, and have no id if it is unknown.
///
/// ```
/// use tower_edge_core::json_rpc::{JsonRpcIds, RpcErrorStyle};
/// use tower_edge_core::{Context, Format, Kind, Problem};
/// use tower_edge_formats::mcp::Mcp;
///
/// let ids = JsonRpcIds::from_json(br#"{"jsonrpc": "2.0", "id": "a", "method": "tools/call"}"#);
/// let context = Context::default().with_json_rpc_ids(Some(&ids));
/// let write = |format: Mcp| {
///     let (mut out, problem) = (Vec::new(), Problem::new(Kind::RateLimited));
///     format.body(&problem, &context, &mut out);
///     (format.status(&problem, &context).as_u16(), String::from_utf8_lossy(&out).into_owned())
/// };
///
/// let error = r#"{"jsonrpc":"2.0","id":"a","error":{"code":429,"message":"Too Many Requests"}}"#;
/// assert_eq!(write(Mcp::new()), (429, error.to_owned()));
///
/// // The model that calls the tool reads this one, and may try something else.
/// let result = r#"{"jsonrpc":"2.0","id":"a","result":{"resultType":"complete","content":[{"type":"text","text":"Too Many Requests"}],"isError":true}}"#;
/// assert_eq!(write(Mcp::new().with_error_style(RpcErrorStyle::ToolResult)), (200, result.to_owned()));
/// ```
///
/// An error of the protocol itself is a JSON-RPC error under its status in each style: 404 for a method that the server
/// does not have, and 400 for `-32700`, `-32600`, `-32602` and `-32020` to `-32099`
/// ([MCP, error codes](https://modelcontextprotocol.io/specification/2026-07-28/basic/index#error-codes)).
///
/// A `SupportedVersionsLayer` for `MCP-Protocol-Version` rejects with `-32022` and the supported versions, or with
/// `-32020` if the field is missing or occurs twice.
///
/// The ids need a `JsonRpcIdLayer` outside of the envelope. A rejected notification has the status and no body.
#[derive(Clone, Copy, Debug)]
pub struct Mcp {
    style: RpcErrorStyle,
}

impl Mcp {
    /// Errors under the HTTP status of the problem.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            style: RpcErrorStyle::HttpStatus,
        }
    }

    /// Sets how the server rejects a valid request, such as one over a limit. The default is
    /// [`RpcErrorStyle::HttpStatus`].
    #[must_use]
    pub const fn with_error_style(mut self, style: RpcErrorStyle) -> Self {
        self.style = style;
        self
    }

    fn rpc(&self, problem: &Problem) -> JsonRpc {
        let style = match CATALOG.definition_of(problem).map(Definition::code) {
            Some(Code::Integer(-32700 | -32602..=-32600 | -32099..=-32020)) => {
                RpcErrorStyle::HttpStatus
            }
            _ => self.style,
        };
        JsonRpc::new(&CATALOG)
            .with_null_ids(false)
            .with_error_style(style)
    }
}

impl Default for Mcp {
    fn default() -> Self {
        Self::new()
    }
}

impl Format for Mcp {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        match missing_version(problem) {
            Some(problem) => self.rpc(&problem).body(&problem, context, out),
            None => self.rpc(problem).body(problem, context, out),
        }
    }

    fn name(&self) -> &'static str {
        "mcp"
    }

    fn status(&self, problem: &Problem, context: &Context<'_>) -> StatusCode {
        self.rpc(problem).status(problem, context)
    }

    fn wants_json_rpc_ids(&self) -> bool {
        true
    }
}

/// A version gate also rejects requests without a version. In MCP that is a header field that is missing or not valid.
fn missing_version(problem: &Problem) -> Option<Problem> {
    let mut details = problem.details().iter();
    let is_of_gate = problem.kind() == Kind::VersionUnsupported && problem.definition().is_none();
    if !is_of_gate || details.any(|detail| detail.name() == "requested") {
        return None;
    }
    let message = problem.message().unwrap_or_default().to_owned();
    Some(Problem::from(&HEADER_MISMATCH).with_message(message))
}

#[cfg(test)]
mod tests {
    use tower_edge_core::JsonRpcIds;

    use super::super::{
        INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND,
        MISSING_CLIENT_CAPABILITY, PARSE_ERROR, UNSUPPORTED_PROTOCOL_VERSION,
    };
    use super::*;

    const STYLES: [RpcErrorStyle; 4] = [
        RpcErrorStyle::HttpStatus,
        RpcErrorStyle::JsonRpc,
        RpcErrorStyle::Mixed,
        RpcErrorStyle::ToolResult,
    ];

    fn written(format: Mcp, problem: impl Into<Problem>, body: &str) -> (u16, String) {
        let ids = JsonRpcIds::from_json(body.as_bytes());
        let context = Context::default().with_json_rpc_ids(Some(&ids));
        let (problem, mut out) = (problem.into(), Vec::new());
        format.body(&problem, &context, &mut out);
        let status = format.status(&problem, &context);
        (status.as_u16(), String::from_utf8(out).unwrap())
    }

    const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#;

    #[test]
    fn errors_of_the_protocol_have_their_code_and_status_in_each_style() {
        let rows: [(&'static Definition, i64, u16); 7] = [
            (&PARSE_ERROR, -32700, 400),
            (&INVALID_REQUEST, -32600, 400),
            (&METHOD_NOT_FOUND, -32601, 404),
            (&INVALID_PARAMS, -32602, 400),
            (&HEADER_MISMATCH, -32020, 400),
            (&MISSING_CLIENT_CAPABILITY, -32021, 400),
            (&UNSUPPORTED_PROTOCOL_VERSION, -32022, 400),
        ];
        for (row, code, status) in rows {
            for style in STYLES {
                let format = Mcp::new().with_error_style(style);

                let message = row.message();
                let error = format!(
                    r#"{{"jsonrpc":"2.0","id":1,"error":{{"code":{code},"message":"{message}"}}}}"#
                );
                assert_eq!(written(format, row, CALL), (status, error), "{style:?}");
            }
        }
    }

    #[test]
    fn other_errors_are_rejected_by_the_style() {
        let error = r#"{"jsonrpc":"2.0","id":1,"error":"#;
        let result = r#"{"jsonrpc":"2.0","id":1,"result":"#;
        for (style, status, limited, start) in [
            (RpcErrorStyle::HttpStatus, 503, 429, error),
            (RpcErrorStyle::JsonRpc, 200, 200, error),
            (RpcErrorStyle::Mixed, 200, 429, error),
            (RpcErrorStyle::ToolResult, 200, 200, result),
        ] {
            let format = Mcp::new().with_error_style(style);
            for (kind, status) in [(Kind::Unavailable, status), (Kind::RateLimited, limited)] {
                let (found, body) = written(format, kind, CALL);

                assert_eq!(found, status, "{style:?}");
                assert!(body.starts_with(start), "{style:?}: {body}");
            }
        }
    }

    // MCP, protocol version header: an unsupported version is requested. Without one, the field is missing or malformed.
    #[test]
    fn a_version_that_a_gate_rejects_is_unsupported_and_none_is_a_mismatch() {
        let problem =
            Problem::new(Kind::VersionUnsupported).with_detail("supported", ["2026-07-28"]);

        let (status, none) = written(Mcp::new(), problem.clone(), CALL);
        assert!(none.contains(r#""code":-32020"#), "{none}");
        assert_eq!(status, 400);
        let (status, one) = written(Mcp::new(), problem.with_detail("requested", "1"), CALL);
        let data = r#""code":-32022,"message":"Unsupported protocol version","data":{"supported":["2026-07-28"],"requested":"1"}"#;
        assert!(one.contains(data), "{one}");
        assert_eq!(status, 400);
    }

    #[test]
    fn an_error_has_its_own_status_by_default() {
        let (status, _) = written(Mcp::new(), Kind::Unavailable, CALL);

        assert_eq!(status, 503);
    }

    // MCP, requests: the id must not be null. Error responses have none where it could not be read.
    #[test]
    fn an_id_comes_back_as_it_was_sent_and_is_never_null() {
        for (body, start) in [
            (
                r#"{"id":12345678901234567890123,"method":"x"}"#,
                r#"{"jsonrpc":"2.0","id":12345678901234567890123,"#,
            ),
            (
                r#"{"id":"7","method":"x"}"#,
                r#"{"jsonrpc":"2.0","id":"7","#,
            ),
            (
                r#"{"id":null,"method":"x"}"#,
                r#"{"jsonrpc":"2.0","error":"#,
            ),
            ("{", r#"{"jsonrpc":"2.0","error":"#),
        ] {
            let (_, found) = written(Mcp::new(), Kind::Internal, body);

            assert!(found.starts_with(start), "{found}");
        }
    }

    #[test]
    fn a_rejected_notification_has_the_status_and_no_body() {
        let notification = r#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#;
        for style in STYLES {
            let format = Mcp::new().with_error_style(style);

            let found = written(format, Kind::RateLimited, notification);
            assert_eq!(found, (429, String::new()), "{style:?}");
        }
    }

    // MCP, error codes: no code of -32000 to -32019, which are legacy, and none of -32020 to -32099 that is not defined.
    #[test]
    fn every_kind_has_a_code_that_the_protocol_allows() {
        for kind in Kind::ALL {
            let row = CATALOG.by_kind(*kind).unwrap();

            let Code::Integer(code) = row.code() else {
                panic!("{kind}")
            };
            let own = i64::from(kind.status().as_u16());
            let is_allowed = matches!(code, -32022 | -32600 | -32602 | -32603) || code == own;
            assert!(is_allowed, "{kind}: {code}");
        }
        assert_eq!(CATALOG.by_kind(Kind::Internal), Some(&INTERNAL_ERROR));
    }
}
