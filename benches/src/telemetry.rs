//! Logs and metrics, by the features of this package: with neither, nothing is logged or counted, nor are
//! the calls compiled.

use std::error::Error;

#[cfg(feature = "metrics")]
use axum_prometheus::BaseMetricLayer;
#[cfg(feature = "metrics")]
use metrics_exporter_prometheus::PrometheusBuilder;
#[cfg(not(all(feature = "metrics", feature = "tracing")))]
use tower::layer::util::Identity;
#[cfg(feature = "metrics")]
use tower_edge::metrics::RequestMetricsLayer;
#[cfg(feature = "tracing")]
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
#[cfg(feature = "tracing")]
use tower_http::trace::{DefaultMakeSpan, TraceLayer};
#[cfg(feature = "tracing")]
use tracing::Level;

/// A subscriber that formats spans and events from level info up and discards the text; a recorder for
/// Prometheus.
///
/// # Errors
///
/// When there is another of either already.
pub fn install() -> Result<(), Box<dyn Error + Send + Sync>> {
    #[cfg(feature = "tracing")]
    tracing_subscriber::fmt()
        .with_max_level(Level::INFO)
        .with_ansi(false)
        .with_writer(std::io::sink)
        .try_init()?;
    #[cfg(feature = "metrics")]
    PrometheusBuilder::new().install_recorder()?;
    Ok(())
}

/// What the peers log with: a span of level info for each request, as ours, and events of level debug.
#[cfg(feature = "tracing")]
pub(crate) fn trace() -> TraceLayer<SharedClassifier<ServerErrorsAsFailures>> {
    TraceLayer::new_for_http().make_span_with(DefaultMakeSpan::new().level(Level::INFO))
}

#[cfg(not(feature = "tracing"))]
pub(crate) const fn trace() -> Identity {
    Identity::new()
}

/// What measures requests beside our layers.
#[cfg(feature = "metrics")]
pub(crate) fn measure() -> RequestMetricsLayer {
    RequestMetricsLayer::new()
}

#[cfg(not(feature = "metrics"))]
pub(crate) const fn measure() -> Identity {
    Identity::new()
}

/// What the peers count with.
#[cfg(feature = "metrics")]
pub(crate) fn count() -> BaseMetricLayer<'static> {
    BaseMetricLayer::new()
}

#[cfg(not(feature = "metrics"))]
pub(crate) const fn count() -> Identity {
    Identity::new()
}
