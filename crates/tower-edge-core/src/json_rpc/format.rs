use std::fmt::Write;

use http::StatusCode;

use super::{JsonRpcId, JsonRpcIds};
use crate::http_ext::retry_after_seconds;
use crate::json::{Object, array};
use crate::problem::Facts;
use crate::problem_details::version_members;
use crate::{Catalog, Code, Context, Definition, ErrorId, Format, Problem, messages};

/// [JSON-RPC 2.0](https://www.jsonrpc.org/specification#error_object) errors, with the codes of a catalogue.
///
/// The response repeats the ids of the request exactly, with one error for each. This needs a `JsonRpcIdLayer` outside
/// of the envelope: without that layer, the ids are unknown. A message that has no JSON-RPC response, such as a
/// notification, gets the problem's HTTP status and no body.
///
/// `data` has what is specific to this occurrence: `reason`, `retryAfter`, `errors` and the problem's details. For a
/// server error it has the `error_id` that is in the log.
///
/// A server of MCP tools sends models what they can act on, and no `null`:
///
/// ```
/// use tower_edge_core::json_rpc::{JsonRpc, RpcErrorStyle};
/// use tower_edge_core::{Context, Format, JsonRpcIds, Kind, Problem, catalog};
///
/// catalog! {
///     static ERRORS;
///     #[api(RateLimited, message = "Rate limit exceeded")]
///     const _;
/// }
///
/// let format = JsonRpc::new(&ERRORS).with_error_style(RpcErrorStyle::ToolResult).with_null_ids(false);
/// let ids = JsonRpcIds::from_json(br#"{"jsonrpc": "2.0", "id": 7, "method": "tools/call"}"#);
/// let mut out = Vec::new();
/// format.body(&Problem::new(Kind::RateLimited), &Context::default().with_json_rpc_ids(Some(&ids)), &mut out);
///
/// assert_eq!(
///     String::from_utf8(out)?,
///     r#"{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","content":[{"type":"text","text":"Rate limit exceeded"}],"isError":true}}"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct JsonRpc {
    catalog: &'static Catalog,
    error_ids: bool,
    null_ids: bool,
    style: RpcErrorStyle,
}

/// How a request is rejected. Clients show rejections differently. MCP's SDK for TypeScript throws an exception with
/// the HTTP status if that is not a 2xx, and one with the code for a JSON-RPC error. Only a tool result reaches the
/// model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RpcErrorStyle {
    /// As [`JsonRpc`](Self::JsonRpc), but a rate limit is an HTTP 429, which clients and proxies read. The default.
    #[default]
    Mixed,
    /// A JSON-RPC error under the problem's HTTP status.
    HttpStatus,
    /// A JSON-RPC error in an HTTP 200, since an error is a response like any other.
    JsonRpc,
    /// An MCP [tool result](tool_error) with `isError`, in an HTTP 200, for requests of the method `tools/call`. A
    /// JSON-RPC error in an HTTP 200 for others.
    ToolResult,
}

impl JsonRpc {
    /// Errors with the codes of this catalogue, which are integers: `#[api(RateLimited, code = -32005)]`. If no row
    /// with an integer code describes a problem, the code is `-32603`, or `-32600` if the client is to blame.
    #[must_use]
    pub const fn new(catalog: &'static Catalog) -> Self {
        Self {
            catalog,
            error_ids: true,
            null_ids: true,
            style: RpcErrorStyle::Mixed,
        }
    }

    /// Sets whether `data` has the `error_id` of a server error. It does by default.
    #[must_use]
    pub const fn with_error_ids(mut self, named: bool) -> Self {
        self.error_ids = named;
        self
    }

    /// Sets how a request is rejected. A method other than POST is a 405 in each style, since it carries no message.
    #[must_use]
    pub const fn with_error_style(mut self, style: RpcErrorStyle) -> Self {
        self.style = style;
        self
    }

    /// Sets whether an error without an id has `"id": null`, as
    /// [JSON-RPC](https://www.jsonrpc.org/specification#response_object) requires. It does by default. In MCP, such an
    /// error [has no `id`](https://modelcontextprotocol.io/specification/2025-11-25/basic#error-responses), and clients
    /// reject `null`.
    #[must_use]
    pub const fn with_null_ids(mut self, written: bool) -> Self {
        self.null_ids = written;
        self
    }

    /// Writes the error for the request with this id. It is for a handler that responds to a batch.
    ///
    /// ```
    /// use tower_edge_core::json_rpc::JsonRpc;
    /// use tower_edge_core::{Context, JsonRpcId, Kind, Problem, catalog};
    ///
    /// catalog! {
    ///     static ERRORS;
    /// }
    ///
    /// let rpc = JsonRpc::new(&ERRORS);
    /// let id = JsonRpcId::from_json("12345678901234567890123").ok_or("no id")?;
    /// let mut out = Vec::new();
    /// rpc.error(&Problem::new(Kind::Internal), &id, &Context::default(), &mut out);
    ///
    /// assert_eq!(
    ///     String::from_utf8(out)?,
    ///     r#"{"jsonrpc":"2.0","id":12345678901234567890123,"error":{"code":-32603,"message":"Internal error"}}"#,
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn error(
        &self,
        problem: &Problem,
        id: &JsonRpcId,
        context: &Context<'_>,
        out: &mut Vec<u8>,
    ) {
        let row = self.catalog.definition_of(problem);
        let (code, message) = match row.map(|row| (row.code(), row.message())) {
            Some((Code::Integer(code), message)) => (code, message),
            _ if problem.status().is_client_error() => (-32600, "Invalid request"),
            _ => (-32603, "Internal error"),
        };
        let mut response = Object::open(out);
        response.text("jsonrpc", "2.0");
        if self.null_ids || !id.is_null() {
            response.raw("id", id.as_json());
        }
        let mut error = response.object("error");
        error.serialize("code", &code).text("message", message);
        let id = self.error_id(problem);
        error.object_unless_empty("data", |object| data(problem, row, context, id, object));
    }

    fn reject(&self, problem: &Problem, id: &JsonRpcId, context: &Context<'_>, out: &mut Vec<u8>) {
        match self.style {
            RpcErrorStyle::ToolResult if id.calls_tool() => {
                // A member that MCP requires from 2026-07-28 on. Earlier revisions allow any.
                tool_result(&self.tool_text(problem), id, Some("complete"), out);
            }
            _ => self.error(problem, id, context, out),
        }
    }

    /// The text that a model reads if its tool was not called.
    fn tool_text(&self, problem: &Problem) -> String {
        let row = self.catalog.definition_of(problem);
        let mut text = messages::message_with_fields(problem, row).into_owned();
        // Writing into a String does not fail.
        if let Some(wait) = problem.retry_after() {
            let _ = write!(text, " (retry after {} s)", retry_after_seconds(wait));
        }
        if let Some(id) = self.error_id(problem) {
            let _ = write!(text, " (error_id {id})");
        }
        text
    }

    fn error_id(&self, problem: &Problem) -> Option<ErrorId> {
        problem.error_id().filter(|_| self.error_ids)
    }
}

impl Format for JsonRpc {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        match context.json_rpc_ids() {
            Some(JsonRpcIds::Batch(ids)) => {
                array(out, ids, |id, out| self.reject(problem, id, context, out));
            }
            Some(JsonRpcIds::Nothing) => {}
            Some(JsonRpcIds::One(id)) => self.reject(problem, id, context, out),
            None => self.error(problem, &JsonRpcId::null(), context, out),
        }
    }

    fn name(&self) -> &'static str {
        "json_rpc"
    }

    fn status(&self, problem: &Problem, context: &Context<'_>) -> StatusCode {
        let status = self.catalog.status_of(problem);
        let has_status = match self.style {
            // MCP, sending messages to the server: an error status for a message that is no request and is not
            // accepted.
            _ if context.json_rpc_ids() == Some(&JsonRpcIds::Nothing) => true,
            _ if status == StatusCode::METHOD_NOT_ALLOWED => true,
            RpcErrorStyle::Mixed => status == StatusCode::TOO_MANY_REQUESTS,
            RpcErrorStyle::HttpStatus => true,
            RpcErrorStyle::JsonRpc | RpcErrorStyle::ToolResult => false,
        };
        if has_status { status } else { StatusCode::OK }
    }

    fn wants_json_rpc_ids(&self) -> bool {
        true
    }
}

/// Adds to `data` what is specific to this occurrence.
fn data(
    problem: &Problem,
    row: Option<&'static Definition>,
    context: &Context<'_>,
    id: Option<ErrorId>,
    data: &mut Object<'_>,
) {
    if let Some(id) = id {
        data.display("error_id", id);
    }
    if let Some(reason) = problem.message() {
        data.text("reason", reason);
    }
    if let Some(Facts::Version(facts)) = problem.facts() {
        version_members(facts, data);
    }
    if let Some(wait) = problem.retry_after() {
        data.integer("retryAfter", retry_after_seconds(wait));
    }
    if !problem.field_errors().is_empty() {
        data.objects("errors", problem.field_errors(), messages::field_error);
    }
    data.details(messages::details(
        problem,
        row,
        context.exposure(),
        &MEMBERS,
    ));
}

const MEMBERS: [&str; 4] = ["error_id", "errors", "reason", "retryAfter"];

/// Writes the response of an MCP tool that has failed: a result with `isError`, in an HTTP 200, and not a JSON-RPC
/// error ([MCP, tools](https://modelcontextprotocol.io/specification/2025-11-25/server/tools#error-handling)).
///
/// The text is for the model that called the tool: it may try another call. No envelope rewrites it, since the protocol
/// counts it as a success.
///
/// ```
/// use tower_edge_core::json_rpc::tool_error;
/// use tower_edge_core::{JsonRpcId, Kind, Problem};
///
/// let problem = Problem::new(Kind::UpstreamError).with_message("Invalid access token");
/// let id = JsonRpcId::from_json(r#""1""#).ok_or("no id")?;
/// let mut out = Vec::new();
/// tool_error(&format!("Error listing campaigns: {problem}"), &id, &mut out);
///
/// assert_eq!(
///     String::from_utf8(out)?,
///     r#"{"jsonrpc":"2.0","id":"1","result":{"content":[{"type":"text","text":"Error listing campaigns: Invalid access token"}],"isError":true}}"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn tool_error(text: &str, id: &JsonRpcId, out: &mut Vec<u8>) {
    tool_result(text, id, None, out);
}

fn tool_result(text: &str, id: &JsonRpcId, result_type: Option<&str>, out: &mut Vec<u8>) {
    let mut response = Object::open(out);
    response.text("jsonrpc", "2.0").raw("id", id.as_json());
    let mut result = response.object("result");
    if let Some(result_type) = result_type {
        result.text("resultType", result_type);
    }
    result
        .objects("content", [text], |text, content| {
            content.text("type", "text").text("text", text);
        })
        .serialize("isError", &true);
}
