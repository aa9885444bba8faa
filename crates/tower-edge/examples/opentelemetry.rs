//! Each request is a span of the caller's trace: the tracer takes its parent from `traceparent`.
//!
//! ```sh
//! cargo run --example opentelemetry --features tracing
//! ```

use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::io::{self, Write};

use http::{HeaderMap, Request, Response};
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::correlation_id::{CorrelationIdLayer, TraceContext};
use tracing::level_filters::LevelFilter;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let request = Request::get("/").header("traceparent", PARENT).body(())?;
    for span in spans(layer(), request).await? {
        let trace = span.span_context.trace_id();
        writeln!(io::stdout(), "{} in {trace:?}", span.name)?;
    }
    Ok(())
}

/// The layer of a service whose callers are trusted. Add `.with_trust(…)` if anybody may call it.
fn layer() -> CorrelationIdLayer {
    CorrelationIdLayer::new().on_span(|span, trace| {
        span.record("otel.kind", "server");
        if let Some(trace) = trace {
            // It fails if no tracer takes the span.
            let _ = span.set_parent(parent(trace));
        }
    })
}

/// The caller's span, as a parent.
fn parent(trace: &TraceContext) -> Context {
    let mut headers = HeaderMap::new();
    trace.write_to(&mut headers);
    let text = |value: &http::HeaderValue| value.to_str().map(str::to_owned).ok();
    let fields = headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(value)));
    let fields: HashMap<_, _> = fields
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    TraceContextPropagator::new().extract(&fields)
}

/// The spans of a request. A service would export them with `opentelemetry-otlp`, and install the subscriber for good.
async fn spans(
    layer: CorrelationIdLayer,
    request: Request<()>,
) -> Result<Vec<SpanData>, Box<dyn Error>> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let tracer = tracing_opentelemetry::layer().with_tracer(provider.tracer("service"));
    let subscriber = tracing_subscriber::registry()
        .with(tracer)
        .with(LevelFilter::INFO);
    let _installed = tracing::subscriber::set_default(subscriber);
    let service = layer.layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(String::new()))
    }));
    drop(service.oneshot(request).await?);
    Ok(exporter.get_finished_spans()?)
}

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanId, SpanKind, TraceId};

    use super::*;

    async fn span(layer: CorrelationIdLayer, parent: &str) -> SpanData {
        let request = Request::get("/")
            .header("traceparent", parent)
            .body(())
            .unwrap();
        let [span] = spans(layer, request).await.unwrap().try_into().unwrap();
        span
    }

    #[tokio::test]
    async fn the_parent_of_a_request_is_its_callers_span() {
        let span = span(layer(), PARENT).await;

        let trace = TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128);
        assert_eq!(span.span_context.trace_id(), trace);
        assert_eq!(span.parent_span_id, SpanId::from(0xb7ad_6b71_6920_3331_u64));
        assert!(span.parent_span_is_remote);
        assert_eq!((&*span.name, span.span_kind), ("request", SpanKind::Server));
    }

    #[tokio::test]
    async fn a_trace_ends_where_it_is_not_trusted_or_not_valid() {
        let untrusted = span(layer().with_trust(|_| false), PARENT).await;
        let invalid = span(layer(), "00-bad").await;

        for span in [untrusted, invalid] {
            assert_eq!(span.parent_span_id, SpanId::INVALID);
            assert_ne!(format!("{:?}", span.span_context.trace_id()), PARENT[3..35]);
        }
    }
}
