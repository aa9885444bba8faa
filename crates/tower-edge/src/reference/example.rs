//! An example response for a row, as a client receives it in one format.

use std::time::{Duration, SystemTime};

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};
use tower_edge_core::problem::{
    Facts, FieldError, Phase, RateLimitFacts, TimeoutFacts, VersionFacts,
};
use tower_edge_core::{
    Context, CorrelationId, Definition, DetailDefinition, DetailType, ErrorId, Format, JsonRpcIds,
    Kind, Problem, TraceParent, Visibility,
};

/// A response that the envelope sends in production.
#[derive(Clone, Debug)]
pub(super) struct Example {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// The response to a problem of the row, with a value for each detail and for each fact of a layer.
pub(super) fn example(row: &'static Definition, format: &dyn Format) -> Example {
    let mut headers = HeaderMap::new();
    headers.insert(&X_CORRELATION_ID, HeaderValue::from_static(ID));
    if row.status() == StatusCode::TOO_MANY_REQUESTS {
        for (name, value) in &LIMIT_FIELDS {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    let ids = format
        .wants_json_rpc_ids()
        .then(|| JsonRpcIds::from_json(CALL));
    let parent = TraceParent::parse(&HeaderValue::from_static(PARENT))
        .filter(|_| format.wants_trace_parent());
    let id = CorrelationId::new(ID).ok();
    let context = Context::default()
        .with_correlation_id(id.as_ref())
        .with_domain(DOMAIN)
        .with_json_rpc_ids(ids.as_ref())
        .with_trace_parent(parent.as_ref());
    write(&problem(row), &context, format, headers)
}

/// The response that the envelope writes on these header fields.
pub(super) fn write(
    problem: &Problem,
    context: &Context<'_>,
    format: &dyn Format,
    mut headers: HeaderMap,
) -> Example {
    let status = format.status(problem, context);
    let context = context.with_status(status);
    problem.extend_headers(&mut headers);
    format.headers(problem, &context, &mut headers);
    headers.insert(CONTENT_TYPE, format.content_type());
    let mut body = Vec::new();
    format.body(problem, &context, &mut body);
    let body = String::from_utf8_lossy(&body).into_owned();
    Example {
        status,
        headers,
        body,
    }
}

fn problem(row: &'static Definition) -> Problem {
    let public = row
        .details()
        .iter()
        .filter(|detail| detail.visibility() == Visibility::Public);
    let mut problem = Problem::from(row);
    for detail in public.clone() {
        // A computed name may be that of a member, and a format then leaves it out.
        problem = problem.with_detail(detail.name().to_owned(), value(detail.detail_type()));
    }
    if row.message_template() != row.message() {
        problem = problem.with_message(message(row.message_template(), public));
    }
    if let Some(facts) = facts(row.kind()) {
        problem = problem.with_facts(facts);
    }
    if is_about_fields(row.kind()) {
        let error = FieldError::new("email", "must be an email address");
        problem = problem.with_field_error(error.with_pointer("/email"));
    }
    if may_wait(row) {
        problem = problem.with_retry_after(WAIT);
    }
    if row.status().is_server_error() {
        problem.set_error_id(ErrorId::new(
            0x9f3b_1c64_e02d_7a58,
            SystemTime::UNIX_EPOCH + NOW,
        ));
    }
    problem
}

/// The template with a value for the name of each detail.
fn message<'a>(template: &str, details: impl Iterator<Item = &'a DetailDefinition>) -> String {
    details.fold(template.to_owned(), |text, detail| {
        let value = value(detail.detail_type());
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        text.replace(&format!("{{{}}}", detail.name()), &value)
    })
}

fn value(detail_type: DetailType) -> Value {
    match detail_type {
        DetailType::Array(items) => Value::Array(vec![value(*items)]),
        DetailType::Boolean => true.into(),
        DetailType::DateTime => "2026-01-31T12:00:00Z".into(),
        DetailType::Integer => 3.into(),
        DetailType::Number => 1.5.into(),
        DetailType::Object => Map::new().into(),
        _ => "example".into(),
    }
}

/// The facts of a layer that rejects with this kind.
fn facts(kind: Kind) -> Option<Facts> {
    match kind {
        Kind::RateLimited | Kind::QuotaExceeded => {
            let facts = RateLimitFacts::new("default".into(), LIMIT, WINDOW, LIMIT + 1);
            Some(Facts::RateLimit(facts))
        }
        Kind::UpstreamTimeout => {
            let limit = Duration::from_secs(10);
            let facts = TimeoutFacts::new(Phase::ResponseHead, limit, limit);
            Some(Facts::Timeout(facts))
        }
        Kind::VersionOutdated => Some(Facts::Version(VersionFacts::new("1.1.9", "1.2.0".into()))),
        Kind::VersionTooNew => {
            let facts = VersionFacts::new("3.0.0", "1.2.0".into());
            Some(Facts::Version(facts.with_maximum("2.1.0".into())))
        }
        _ => None,
    }
}

fn is_about_fields(kind: Kind) -> bool {
    matches!(kind, Kind::Validation)
}

/// Layers send a wait if the request is over a limit, or if the service is not available.
fn may_wait(row: &Definition) -> bool {
    matches!(
        row.status(),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    )
}

const CALL: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"example"}"#;
const DOMAIN: &str = "api.example.com";
const ID: &str = "req_7f8ca9d3b1e04c5a";
const LIMIT: u32 = 60;
/// 2026-01-31T12:00:00Z.
const NOW: Duration = Duration::from_secs(1_769_860_800);
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const WAIT: Duration = Duration::from_secs(30);
const WINDOW: Duration = Duration::from_secs(60);

static X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
/// The fields of the default style.
static LIMIT_FIELDS: [(HeaderName, &str); 3] = [
    (HeaderName::from_static("x-ratelimit-limit"), "60"),
    (HeaderName::from_static("x-ratelimit-remaining"), "0"),
    (HeaderName::from_static("x-ratelimit-reset"), "1769860830"),
];
