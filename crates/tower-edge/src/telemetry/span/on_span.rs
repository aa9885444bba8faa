use tower_edge_core::TraceContext;
use tracing::Span;

use super::SpanHook;
use crate::correlation_id::CorrelationIdLayer;

impl CorrelationIdLayer {
    /// Calls the closure with the span of each request, before the span is entered, and with the trace that the request
    /// belongs to. There is none if its `traceparent` is not valid, or not [trusted](Self::with_trust).
    ///
    /// A tracer takes both. With `tracing-opentelemetry`:
    ///
    /// ```
    /// use tower_edge::correlation_id::CorrelationIdLayer;
    /// use tracing_opentelemetry::OpenTelemetrySpanExt;
    /// # fn parent(_: &tower_edge::correlation_id::TraceContext) -> opentelemetry::Context {
    /// #     opentelemetry::Context::new()
    /// # }
    ///
    /// let layer = CorrelationIdLayer::new().on_span(|span, trace| {
    ///     span.record("otel.kind", "server");
    ///     if let Some(trace) = trace {
    ///         let _ = span.set_parent(parent(trace));
    ///     }
    /// });
    /// # let _ = layer;
    /// ```
    ///
    /// [`examples/opentelemetry.rs`] is the whole program. If no subscriber takes the span, the closure is not called.
    ///
    /// [`examples/opentelemetry.rs`]: https://github.com/tower-edge/tower-edge/blob/main/crates/tower-edge/examples/opentelemetry.rs
    pub fn on_span(
        self,
        hook: impl Fn(&Span, Option<&TraceContext>) + Send + Sync + 'static,
    ) -> Self {
        self.with(|config| config.span_hook = SpanHook::new(hook))
    }
}
