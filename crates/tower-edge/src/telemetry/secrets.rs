//! Secrets are planted in every part of a request, a response and an error. No metric, span or log line of any level
//! shows one, except the two fields for data that only the log may have.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tokio::runtime::Builder;
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
use tower_edge_core::rate_limit::Quota;
use tower_edge_core::{BoxError, Kind, Problem};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

use crate::Enforcement;
use crate::correlation_id::CorrelationIdLayer;
use crate::envelope::format::ProblemDetails;
use crate::envelope::{EnvelopeLayer, UpstreamErrorPolicy};
use crate::metrics::RequestMetricsLayer;
use crate::rate_limit::{ApiKey, Limit, RateLimitLayer};
use crate::server::AccessLogLayer;
use crate::telemetry::test_support::count::Counted;
use crate::timeout::UpstreamTimeoutLayer;
use crate::version_gate::{SemVer, VersionGateLayer};

/// A part of each secret.
const MARK: &str = "hunter2";
/// The text of an error, with a password.
const SOURCE: &str = "postgres://app:hunter2@db/users: connection refused";
/// Each path has an outcome of its own; see [`respond`].
const PATHS: [&str; 10] = [
    "/ok",
    "/bare",
    "/bare_500",
    "/upstream",
    "/error",
    "/details",
    "/panic",
    "/slow",
    "/broken",
    "/left",
];

async fn respond(request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, BoxError> {
    let respond = |status: StatusCode, content_type: &'static str| {
        let response = Response::builder().status(status);
        let response = response.header("content-type", content_type);
        let response = response.header("x-error", MARK).header("etag", MARK);
        Ok(response.body(Full::from(SOURCE)).unwrap())
    };
    match request.uri().path() {
        "/ok" => respond(StatusCode::OK, "text/plain"),
        "/bare" => respond(StatusCode::BAD_REQUEST, "text/plain"),
        "/bare_500" => respond(StatusCode::INTERNAL_SERVER_ERROR, "text/plain"),
        "/upstream" => respond(StatusCode::BAD_GATEWAY, "application/json"),
        "/error" => Err(io::Error::other(SOURCE).into()),
        "/details" => Err(Problem::new(Kind::Internal)
            .with_message(MARK)
            .with_detail("public", MARK)
            .with_development_detail("development", MARK)
            .with_internal_detail("internal", MARK)
            .into()),
        "/panic" => panic!("{SOURCE}"),
        "/broken" => {
            let body = Full::from(SOURCE);
            Ok(Response::builder()
                .header("content-length", "9")
                .body(body)?)
        }
        _ => pending().await,
    }
}

fn request(path: &str) -> Request<Full<Bytes>> {
    let minimum = if path == "/outdated" {
        "0.0.1"
    } else {
        "1.2.0"
    };
    let request = Request::post(format!("{path}?api_key={MARK}"))
        .header("authorization", format!("Bearer {MARK}"))
        .header("cookie", format!("session={MARK}"))
        .header("host", MARK)
        .header("referer", format!("https://a/?token={MARK}"))
        .header("tracestate", format!("a={MARK}"))
        .header("user-agent", MARK)
        .header("x-api-key", MARK)
        .header(
            "x-client-version",
            if path == "/malformed" { MARK } else { minimum },
        )
        .header("x-correlation-id", format!("not valid {MARK}"))
        .header("x-platform", MARK);
    request
        .body(Full::from(format!("password={MARK}")))
        .unwrap()
}

/// Sends a request for each outcome. The last one exceeds the limit.
async fn serve_all() {
    let minimum: SemVer = "1.2.0".parse().unwrap();
    let quota = Quota::per_hour(u32::try_from(PATHS.len()).unwrap());
    let tried = Limit::new(Quota::per_day(1), ApiKey).with_enforcement(Enforcement::DryRun);
    let mut service = ServiceBuilder::new()
        .layer(RequestMetricsLayer::new())
        .layer(CorrelationIdLayer::new())
        .layer(AccessLogLayer::new())
        .layer(
            EnvelopeLayer::new(ProblemDetails).with_upstream_errors(UpstreamErrorPolicy::Replace),
        )
        .layer(VersionGateLayer::new(minimum))
        .layer(RateLimitLayer::new([Limit::new(quota, ApiKey), tried]))
        .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)).with_upstream("db"))
        .service(service_fn(respond));
    for path in PATHS
        .into_iter()
        .chain(["/outdated", "/malformed", "/limited"])
    {
        let response = service.ready().await.unwrap().call(request(path));
        if path == "/left" {
            // The client leaves before there is a response.
            let _ = futures_util::poll!(std::pin::pin!(response));
            continue;
        }
        let mut body = response.await.unwrap().into_body();
        if path == "/broken" {
            continue;
        }
        while let Some(frame) = body.frame().await {
            frame.unwrap();
        }
    }
}

/// All metrics and all values of spans and events.
fn recorded() -> (Vec<String>, Vec<Logged>) {
    let mut metrics = Vec::new();
    let values = values(|| {
        metrics = Counted::meanwhile(|| {
            let runtime = Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build();
            runtime.unwrap().block_on(serve_all());
        });
    });
    (metrics, values)
}

fn is_planted(logged: &&Logged) -> bool {
    logged.value.contains(MARK)
}

/// One value of an event or a span.
#[derive(Clone, Debug)]
struct Logged {
    field: &'static str,
    target: &'static str,
    value: String,
}

/// All values of events of all levels and of spans.
fn values(serve: impl FnOnce()) -> Vec<Logged> {
    let values = Values::default();
    subscriber::with_default(Registry::default().with(values.clone()), serve);
    values.0.lock().unwrap().clone()
}

#[derive(Clone, Default)]
struct Values(Arc<Mutex<Vec<Logged>>>);

impl Values {
    fn visit(&self, metadata: &'static Metadata<'static>, record: impl FnOnce(&mut dyn Visit)) {
        record(&mut Visitor(metadata.target(), &mut self.0.lock().unwrap()));
    }
}

impl Layer<Registry> for Values {
    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: Context<'_, Registry>) {
        self.visit(span.metadata(), |visitor| span.record(visitor));
    }

    fn on_record(&self, span: &Id, values: &Record<'_>, context: Context<'_, Registry>) {
        let metadata = context.metadata(span).unwrap();
        self.visit(metadata, |visitor| values.record(visitor));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, Registry>) {
        self.visit(event.metadata(), |visitor| event.record(visitor));
    }
}

struct Visitor<'a>(&'static str, &'a mut Vec<Logged>);

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.1.push(Logged {
            field: field.name(),
            target: self.0,
            value: format!("{value:?}"),
        });
    }
}

#[test]
fn no_secret_is_in_metrics_spans_or_logs() {
    let (metrics, values) = recorded();

    let planted = metrics.iter().filter(|line| line.contains(MARK));
    assert_eq!(planted.collect::<Vec<_>>(), [""; 0]);
    // The text of a service's errors and panics is for the log alone.
    let planted = values.iter().filter(is_planted);
    let fields: BTreeSet<_> = planted
        .map(|logged| (logged.target, logged.field))
        .collect();
    let envelope = "tower_edge::envelope";
    assert_eq!(
        fields.into_iter().collect::<Vec<_>>(),
        [
            (envelope, "exception.message"),
            (envelope, "problem.internal_details")
        ]
    );
    let sources = values.iter().filter(is_planted);
    let sources = sources.filter(|logged| logged.field == "exception.message");
    let panicked = format!("the service panicked: {SOURCE}");
    assert_eq!(
        sources.map(|logged| &*logged.value).collect::<Vec<_>>(),
        [SOURCE, SOURCE, MARK, &panicked]
    );
}

#[test]
fn the_secrets_pass_everything_that_logs_and_counts() {
    let (metrics, values) = recorded();

    let keys = values.iter().filter(|logged| logged.field == "problem.key");
    let keys: BTreeSet<_> = keys.map(|logged| logged.value.trim_matches('"')).collect();
    for key in [
        "bad_request",
        "internal_error",
        "invalid_version_format",
        "rate_limited",
        "upstream_error",
        "upstream_timeout",
        "version_outdated",
    ] {
        assert!(keys.contains(key), "{key}: {keys:?}");
    }
    let targets: BTreeSet<_> = values.iter().map(|logged| logged.target).collect();
    for layer in [
        "access",
        "correlation_id",
        "envelope",
        "rate_limit",
        "version_gate",
    ] {
        assert!(
            targets.contains(&*format!("tower_edge::{layer}")),
            "{targets:?}"
        );
    }
    let aborted = values
        .iter()
        .filter(|logged| logged.value.contains("aborted"));
    // The span and the access log have these, and the incomplete body.
    assert_eq!(aborted.count(), 3);
    assert!(metrics.len() > 50, "{metrics:?}");
}
