//! What the page shows of a log: real lines, whose ids and times are replaced.

use std::future::pending;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use http::{Request, Response};
use http_body_util::BodyExt;
use tokio_test::block_on;
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
use tower_edge::correlation_id::{CorrelationIdLayer, RouteTemplate};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::rate_limit::{ApiKey, Limit, Quota, RateLimitLayer};
use tower_edge::server::AccessLogLayer;
use tower_edge::{Kind, Problem};
use tower_edge_formats::MediaNest;
use tracing::Subscriber;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// The lines as text.
pub(crate) fn text() -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_timer(Noon)
        .with_writer(move || writer.clone());
    log.of(subscriber.finish())
}

/// The lines as JSON.
pub(crate) fn json() -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_timer(Noon)
        .with_writer(move || writer.clone());
    log.of(subscriber.finish())
}

/// A request that is served, one that fails, one that exceeds the limit, and one whose client leaves.
async fn serve() {
    let mut service = ServiceBuilder::new()
        .layer(CorrelationIdLayer::new())
        .layer(AccessLogLayer::new())
        .layer(EnvelopeLayer::new(MediaNest))
        .layer(RateLimitLayer::new(Limit::new(Quota::per_hour(3), ApiKey)))
        .service(service_fn(async |request: Request<()>| {
            match request.uri().path() {
                "/media/7" => Ok::<_, Problem>(Response::new("{}".to_owned())),
                "/media/8" => {
                    let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
                    let problem = Problem::new(Kind::Unavailable).with_source(refused);
                    Err(problem.with_internal_detail("shard", 3))
                }
                _ => pending().await,
            }
        }));
    for id in ["7", "8", "9", "7"] {
        let request = Request::get(format!("/media/{id}?token=secret"))
            .header("x-api-key", "secret")
            .header("x-correlation-id", format!("req-{id}"))
            .extension(RouteTemplate("/media/{id}".into()));
        let ready = service.ready().await.unwrap();
        let response = ready.call(request.body(()).unwrap());
        if id == "9" {
            let mut response = tokio_test::task::spawn(response);
            assert!(response.poll().is_pending());
        } else {
            let response = response.await.unwrap();
            response.into_body().collect().await.unwrap();
        }
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn of(&self, subscriber: impl Subscriber + Send + Sync + 'static) -> String {
        tracing::subscriber::with_default(subscriber, || block_on(serve()));
        let bytes = self.0.lock().unwrap().clone();
        let mut text = String::from_utf8(bytes).unwrap();
        for (before, after, value) in [
            ("duration_us=", " ", "412"),
            ("total_us=", " ", "518"),
            ("error.id=", " ", ERROR_ID),
            ("\"duration_us\":", ",", "412"),
            ("\"total_us\":", ",", "518"),
            ("\"error.id\":\"", "\"", ERROR_ID),
        ] {
            text = replaced(&text, before, after, value);
        }
        text
    }
}

/// The text with this in place of what is between the two.
fn replaced(text: &str, before: &str, after: &str, value: &str) -> String {
    let mut parts = text.split(before);
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, rest) = part.split_once(after).expect(part);
        replaced.extend([before, value, after, rest]);
    }
    replaced
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Noon;

impl FormatTime for Noon {
    fn format_time(&self, writer: &mut Writer<'_>) -> std::fmt::Result {
        writer.write_str("2026-01-02T12:00:00.000000Z")
    }
}

const ERROR_ID: &str = "err_3f6c1b2a9d8e7f40";

#[test]
fn no_line_has_a_key_or_a_query() {
    for lines in [text(), json()] {
        assert_eq!(lines.lines().count(), 5, "{lines}");
        assert!(!lines.contains("secret"), "{lines}");
    }
}

#[test]
fn a_line_of_json_has_the_fields_by_their_names() {
    let json = json();
    let lines = json.lines().map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<serde_json::Value> = lines.collect();

    let problem = lines.iter().find(|line| line["level"] == "ERROR").unwrap();
    assert_eq!(problem["http.response.status_code"], 503);
    assert_eq!(problem["correlation.id"], "req-8");
    assert_eq!(problem["exception.message"], "connection refused");
    assert_eq!(problem["span"]["http.route"], "/media/{id}");
    let left = lines
        .iter()
        .find(|line| line["error.type"] == "aborted")
        .unwrap();
    assert_eq!(left.get("http.response.status_code"), None);
}
