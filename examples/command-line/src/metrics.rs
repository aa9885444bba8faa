//! What Prometheus reads of a program, on a listener of its own.

use std::io;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use tokio::net::TcpListener;
use tokio::time::interval;
use tower_edge::BoxError;

/// Records metrics from now on, and serves them as `GET /metrics`.
///
/// It comes before the layers: what they count before there is a recorder is lost. The listener ends with the process,
/// so that the last requests of a shutdown can be seen too.
///
/// # Errors
///
/// When the address is in use, or is none of this machine.
pub async fn serve_metrics(address: SocketAddr) -> Result<(), BoxError> {
    let failed = |error| format!("cannot listen on {address} for metrics: {error}");
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr()?;
    let recorded = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &BUCKETS)?
        .install_recorder()?;

    let scraped = recorded.clone();
    let scrape = get(async move || ([(CONTENT_TYPE, TEXT)], scraped.render()));
    let router = Router::new().route("/metrics", scrape);
    tokio::spawn(async { axum::serve(listener, router).await });
    tokio::spawn(async move {
        let mut upkeep = interval(UPKEEP);
        loop {
            upkeep.tick().await;
            recorded.run_upkeep();
        }
    });
    let _ = writeln!(io::stdout(), "metrics on http://{address}/metrics");
    Ok(())
}

/// Seconds, as OpenTelemetry advises for `http.server.request.duration`.
const BUCKETS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
/// The text format of Prometheus.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// How long the recorder keeps single times before it adds them to the buckets; a scrape does that too.
const UPKEEP: Duration = Duration::from_secs(5);
