//! Each request is a span of the caller's trace: the tracer takes its parent from `traceparent`.
//!
//! `cargo run -p tower-edge --example opentelemetry --features tracing`, and then:
//!
//! ```console
//! ```

use axum::{Router, routing::get};
use http::{HeaderMap, HeaderName};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::net::TcpListener;
use tower_edge::BoxError;
use tower_edge::correlation_id::{CorrelationIdLayer, TraceContext};
use tracing::{Span, Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    // A service also gives it `with_batch_exporter(…)` of `opentelemetry-otlp`.
    let provider = SdkTracerProvider::builder().build();
    tracing::subscriber::set_global_default(subscriber(&provider))?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, app()).await?)
}

fn subscriber(provider: &SdkTracerProvider) -> impl Subscriber + Send + Sync + use<> {
    let tracer = tracing_opentelemetry::layer().with_tracer(provider.tracer("service"));
    tracing_subscriber::registry()
        .with(tracer)
        .with(LevelFilter::INFO)
}

fn app() -> Router {
    // All callers are trusted here. Add `with_trust` if anybody may call the service.
    let ids = CorrelationIdLayer::new().on_span(|span, trace| {
        span.record("otel.kind", "server");
        if let Some(trace) = trace {
            // It fails if no tracer takes the span.
            let _ = span.set_parent(parent(trace));
        }
    });
    Router::new().route("/", get(trace)).layer(ids)
}

/// The caller's span.
fn parent(trace: &TraceContext) -> Context {
    let mut headers = HeaderMap::new();
    trace.write_to(&mut headers);
    TraceContextPropagator::new().extract(&Fields(headers))
}

/// As `HeaderExtractor` of `opentelemetry-http`.
struct Fields(HeaderMap);

impl Extractor for Fields {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

async fn trace() -> String {
    let trace = Span::current().context().span().span_context().trace_id();
    format!("trace {trace}\n")
}

#[cfg(test)]
#[tokio::test]
async fn the_parent_of_a_request_is_its_callers_span() {
    use axum::{body::Body, extract::Request};
    use opentelemetry_sdk::trace::InMemorySpanExporter;
    use tower_edge_tests::oneshot;

    let spans = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(spans.clone());
    let _installed = tracing::subscriber::set_default(subscriber(&provider.build()));
    let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = Request::get("/").header("traceparent", caller);

    let response = oneshot(app(), request.body(Body::empty()).unwrap()).await;

    assert_eq!(response.text(), "trace 0af7651916cd43dd8448eb211c80319c\n");
    let [span] = spans.get_finished_spans().unwrap().try_into().unwrap();
    assert_eq!(span.parent_span_id.to_string(), "b7ad6b7169203331");
    assert!(span.parent_span_is_remote);
}
