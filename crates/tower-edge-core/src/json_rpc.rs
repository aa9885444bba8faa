//! Errors of [JSON-RPC 2.0](https://www.jsonrpc.org/specification#error_object), and of the tools of MCP.

use http::StatusCode;

use crate::http_ext::retry_after_seconds;
use crate::json::{Object, array};
use crate::problem::Facts;
use crate::problem_details::{is_version_member, version_members};
use crate::{
    Catalog, Code, Context, Definition, ErrorId, Format, JsonRpcId, JsonRpcIds, Problem, messages,
};

/// [JSON-RPC 2.0](https://www.jsonrpc.org/specification#error_object) errors, with the codes of a
/// catalogue.
///
/// The ids of the request are repeated exactly, one error for each; a notification is answered with
/// an empty 202. That takes a `JsonRpcIdLayer` outside of the envelope;
/// without, the id is `null`.
///
/// `data` has what this occurrence adds: `reason`, `retryAfter`, `errors`, the problem's details, and of a
/// server error the `error_id` by which it is found in the logs.
#[derive(Clone, Copy, Debug)]
pub struct JsonRpc {
    catalog: &'static Catalog,
    error_ids: bool,
    status: RpcStatus,
}

/// Which HTTP status a JSON-RPC error has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RpcStatus {
    /// 200, since an error is a response like any other.
    Always200,
    /// 405 and 429 are what they are, since clients and proxies read those; 200 for all others. The
    /// default.
    #[default]
    MostlyOk,
    /// The problem's own.
    Mirror,
}

impl JsonRpc {
    /// Errors with the codes of this catalogue, which are integers; a problem that it has no row for
    /// is `-32603`, or `-32600` where the client is to blame.
    #[must_use]
    pub const fn new(catalog: &'static Catalog) -> Self {
        Self {
            catalog,
            error_ids: true,
            status: RpcStatus::MostlyOk,
        }
    }

    /// Sets whether `data` names the `error_id` of a server error; the default is that it does.
    #[must_use]
    pub const fn with_error_ids(mut self, named: bool) -> Self {
        self.error_ids = named;
        self
    }

    /// Sets which HTTP status an error has.
    #[must_use]
    pub const fn with_status(mut self, status: RpcStatus) -> Self {
        self.status = status;
        self
    }

    /// Writes the answer to the request with this id, as a handler does that answers a batch.
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
        response.text("jsonrpc", "2.0").raw("id", id.as_json());
        let mut error = response.object("error");
        error.serialize("code", &code).text("message", message);
        let id = problem.error_id().filter(|_| self.error_ids);
        if id.is_some() || has_data(problem, row, context) {
            data(problem, row, context, id, &mut error.object("data"));
        }
    }
}

impl Format for JsonRpc {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        match context.json_rpc_ids() {
            Some(JsonRpcIds::Batch(ids)) => {
                array(out, ids, |id, out| self.error(problem, id, context, out));
            }
            Some(JsonRpcIds::Nothing) => {}
            Some(JsonRpcIds::One(id)) => self.error(problem, id, context, out),
            _ => self.error(problem, &JsonRpcId::null(), context, out),
        }
    }

    fn name(&self) -> &'static str {
        "json_rpc"
    }

    fn status(&self, problem: &Problem, context: &Context<'_>) -> StatusCode {
        let status = problem.status();
        let mirrored = match self.status {
            RpcStatus::Always200 => false,
            RpcStatus::Mirror => true,
            RpcStatus::MostlyOk => {
                matches!(
                    status,
                    StatusCode::METHOD_NOT_ALLOWED | StatusCode::TOO_MANY_REQUESTS
                )
            }
        };
        match context.json_rpc_ids() {
            _ if mirrored => status,
            Some(JsonRpcIds::Nothing) => StatusCode::ACCEPTED,
            _ => StatusCode::OK,
        }
    }

    fn wants_json_rpc_ids(&self) -> bool {
        true
    }
}

fn has_data(problem: &Problem, row: Option<&'static Definition>, context: &Context<'_>) -> bool {
    problem.message().is_some()
        || matches!(problem.facts(), Some(Facts::Version(_)))
        || problem.retry_after().is_some()
        || !problem.field_errors().is_empty()
        || messages::details(problem, row, context.exposure())
            .next()
            .is_some()
}

/// What this occurrence adds to the message of the code.
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
    for (name, value) in messages::details(problem, row, context.exposure()) {
        let is_said = match name {
            "error_id" => id.is_some(),
            "errors" => !problem.field_errors().is_empty(),
            "reason" => problem.message().is_some(),
            "retryAfter" => problem.retry_after().is_some(),
            name => is_version_member(problem, name),
        };
        if !is_said {
            data.value(name, value);
        }
    }
}

/// Writes the answer of an MCP tool that has failed: a result that says so, in an HTTP 200, and not a
/// JSON-RPC error ([MCP, tools](https://modelcontextprotocol.io/specification/2025-06-18/server/tools#error-handling)).
///
/// The text is for the model that has called the tool, which may try another call. No envelope
/// rewrites it, as it is a success of the protocol.
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
    let mut response = Object::open(out);
    response.text("jsonrpc", "2.0").raw("id", id.as_json());
    response
        .object("result")
        .objects("content", [text], |text, content| {
            content.text("type", "text").text("text", text);
        })
        .serialize("isError", &true);
}
