use std::sync::Arc;

use http::{HeaderMap, HeaderValue, StatusCode};

use crate::{CorrelationId, Exposure, JsonRpcIds, Problem, TraceParent};

/// How an API writes its problems: status, headers and body.
///
/// ```
/// use tower_edge_core::{Context, Format, Kind, Problem};
///
/// /// `{"oops": "not_found"}`
/// struct Oops;
///
/// impl Format for Oops {
///     fn body(&self, problem: &Problem, _: &Context<'_>, out: &mut Vec<u8>) {
///         out.extend_from_slice(b"{\"oops\": \"");
///         out.extend_from_slice(problem.key().as_bytes());
///         out.extend_from_slice(b"\"}");
///     }
/// }
///
/// let mut out = Vec::new();
/// Oops.body(&Problem::new(Kind::NotFound), &Context::default(), &mut out);
/// assert_eq!(out, b"{\"oops\": \"not_found\"}");
/// ```
///
/// The envelope does the rest, which is the same for all formats. It removes the header fields that described the inner
/// body, and keeps the others. It adds `Retry-After` where that is missing, and responds to `HEAD` without a body.
///
/// [`catalog!`](crate::catalog) makes the codes and messages of an API, [`json`](crate::json) writes members, and
/// [`messages`](crate::messages) has what clients may see of a problem.
///
/// `&F` and `Arc<F>` are formats too, so that one service can hold several.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a format",
    note = "write a format of `tower_edge::envelope::format`, such as `EnvelopeLayer::new(ProblemDetails)`",
    note = "for a closure, write `EnvelopeLayer::select_fn(|head| …)`",
    note = "for a selector of formats, such as `ByPath`, write `EnvelopeLayer::select(selector)`"
)]
pub trait Format: Send + Sync {
    /// Writes the body. Writes nothing for a response without a body, such as one to a JSON-RPC notification.
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>);

    /// The media type of the body. It is the same for all problems: the envelope compares it with a client's `Accept`
    /// before there is a problem.
    fn content_type(&self) -> HeaderValue {
        const { HeaderValue::from_static("application/json") }
    }

    /// Adds header fields of the format's own, such as an error code.
    fn headers(&self, problem: &Problem, context: &Context<'_>, headers: &mut HeaderMap) {
        let _ = (problem, context, headers);
    }

    /// The name of the format in logs and metrics.
    fn name(&self) -> &'static str {
        "custom"
    }

    /// The HTTP status of the response.
    fn status(&self, problem: &Problem, context: &Context<'_>) -> StatusCode {
        let _ = context;
        problem.status()
    }

    /// Whether the format needs the ids of a JSON-RPC request.
    fn wants_json_rpc_ids(&self) -> bool {
        false
    }

    /// Whether the format needs the [trace](TraceParent) that a request belongs to.
    fn wants_trace_parent(&self) -> bool {
        false
    }
}

impl<F: Format + ?Sized> Format for &F {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        (**self).body(problem, context, out);
    }

    fn content_type(&self) -> HeaderValue {
        (**self).content_type()
    }

    fn headers(&self, problem: &Problem, context: &Context<'_>, headers: &mut HeaderMap) {
        (**self).headers(problem, context, headers);
    }

    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn status(&self, problem: &Problem, context: &Context<'_>) -> StatusCode {
        (**self).status(problem, context)
    }

    fn wants_json_rpc_ids(&self) -> bool {
        (**self).wants_json_rpc_ids()
    }

    fn wants_trace_parent(&self) -> bool {
        (**self).wants_trace_parent()
    }
}

impl<F: Format + ?Sized> Format for Arc<F> {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        (**self).body(problem, context, out);
    }

    fn content_type(&self) -> HeaderValue {
        (**self).content_type()
    }

    fn headers(&self, problem: &Problem, context: &Context<'_>, headers: &mut HeaderMap) {
        (**self).headers(problem, context, headers);
    }

    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn status(&self, problem: &Problem, context: &Context<'_>) -> StatusCode {
        (**self).status(problem, context)
    }

    fn wants_json_rpc_ids(&self) -> bool {
        (**self).wants_json_rpc_ids()
    }

    fn wants_trace_parent(&self) -> bool {
        (**self).wants_trace_parent()
    }
}

/// The data that a format receives besides the problem.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    correlation_id: Option<&'a CorrelationId>,
    domain: &'a str,
    exposure: Exposure,
    json_rpc_ids: Option<&'a JsonRpcIds>,
    status: Option<StatusCode>,
    trace_parent: Option<&'a TraceParent>,
}

impl<'a> Context<'a> {
    /// Sets the id of the request.
    #[must_use]
    pub const fn with_correlation_id(mut self, id: Option<&'a CorrelationId>) -> Self {
        self.correlation_id = id;
        self
    }

    /// Sets the name of the service that the problems come from.
    #[must_use]
    pub const fn with_domain(mut self, domain: &'a str) -> Self {
        self.domain = domain;
        self
    }

    /// Sets how much of a problem clients may see.
    #[must_use]
    pub const fn with_exposure(mut self, exposure: Exposure) -> Self {
        self.exposure = exposure;
        self
    }

    /// Sets the ids of the JSON-RPC request.
    #[must_use]
    pub const fn with_json_rpc_ids(mut self, ids: Option<&'a JsonRpcIds>) -> Self {
        self.json_rpc_ids = ids;
        self
    }

    /// Sets the HTTP status of the response.
    #[must_use]
    pub const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets the trace that the request belongs to.
    #[must_use]
    pub const fn with_trace_parent(mut self, parent: Option<&'a TraceParent>) -> Self {
        self.trace_parent = parent;
        self
    }

    /// The id of the request, if a layer outside the envelope has set one.
    #[must_use]
    pub const fn correlation_id(&self) -> Option<&'a CorrelationId> {
        self.correlation_id
    }

    /// The name of the service that the problems come from, such as `media.example.com`. Empty when it is not set.
    #[must_use]
    pub const fn domain(&self) -> &'a str {
        self.domain
    }

    /// How much of a problem clients may see.
    #[must_use]
    pub const fn exposure(&self) -> Exposure {
        self.exposure
    }

    /// The ids of the JSON-RPC request. `None` when no layer has read them.
    #[must_use]
    pub const fn json_rpc_ids(&self) -> Option<&'a JsonRpcIds> {
        self.json_rpc_ids
    }

    /// The HTTP status of the response, as [`Format::status`] of the outermost format has returned it. A format that
    /// writes the status into the body writes this one. Outside of an envelope it is `None`, and the format uses its
    /// own.
    #[must_use]
    pub const fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The trace that the request belongs to, by its `traceparent`. `None` for a format that does not
    /// [want](Format::wants_trace_parent) it.
    #[must_use]
    pub const fn trace_parent(&self) -> Option<&'a TraceParent> {
        self.trace_parent
    }
}
