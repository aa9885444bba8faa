//! Problems of one row that differ in each part that a problem may have. The bodies of a format for these show which
//! members vary, and which may be missing.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};
use tower_edge_core::problem::{
    Facts, FieldError, Phase, RateLimitFacts, TimeoutFacts, VersionFacts,
};
use tower_edge_core::{
    Context, CorrelationId, Definition, DetailDefinition, DetailType, ErrorId, Format, JsonRpcIds,
    Kind, Problem, Retry, TraceParent, Visibility,
};

use super::example::{Example, write};

/// The bodies that the format writes for the row: with every part, with as few as possible, and with each part alone.
///
/// The problem is made from the row. If there is a kind, the problem has that kind and no definition, like a layer's.
pub(super) fn samples(
    row: &'static Definition,
    kind: Option<Kind>,
    format: &dyn Format,
) -> Vec<Example> {
    let parts = parts(row, kind, format);
    let make = |choose: &dyn Fn(usize, &Part) -> Option<usize>| {
        let mut sample = Sample::new(kind.map_or_else(|| Problem::from(row), Problem::new));
        for (at, part) in parts.iter().enumerate() {
            let chosen = choose(at, part).and_then(|turn| part.changes.iter().cycle().nth(turn));
            if let Some(change) = chosen {
                sample = change(sample);
            }
        }
        sample.write(format)
    };
    let mut samples = vec![make(&|_, part| part.is_required.then_some(0))];
    let turns = parts.iter().map(|part| part.changes.len()).max();
    for turn in 0..turns.unwrap_or(0) {
        samples.push(make(&|_, _| Some(turn)));
    }
    for (alone, part) in parts.iter().enumerate() {
        for turn in 0..part.changes.len() {
            let choose = |at, part: &Part| match at == alone {
                true => Some(turn),
                false => part.is_required.then_some(0),
            };
            samples.push(make(&choose));
        }
    }
    samples
}

/// The names of the fields in these problems. A member of a body with such a name stands for any field.
pub(super) const FIELDS: [&str; 2] = ["sampleFieldOne", "sampleFieldTwo"];

/// The name of a detail in these problems that no row declares.
pub(super) const UNDECLARED: &str = "sampleDetail";

/// A problem and its request.
struct Sample {
    correlation_id: Option<CorrelationId>,
    domain: &'static str,
    ids: Option<JsonRpcIds>,
    parent: Option<TraceParent>,
    problem: Problem,
}

impl Sample {
    const fn new(problem: Problem) -> Self {
        Self {
            correlation_id: None,
            domain: "",
            ids: None,
            parent: None,
            problem,
        }
    }

    fn with(mut self, change: impl FnOnce(Problem) -> Problem) -> Self {
        self.problem = change(self.problem);
        self
    }

    fn write(&self, format: &dyn Format) -> Example {
        let context = Context::default()
            .with_correlation_id(self.correlation_id.as_ref())
            .with_domain(self.domain)
            .with_json_rpc_ids(self.ids.as_ref())
            .with_trace_parent(self.parent.as_ref());
        write(&self.problem, &context, format, HeaderMap::new())
    }
}

/// A part that a problem or its request may have, in several versions.
struct Part {
    changes: Vec<Change>,
    is_required: bool,
}

type Change = Box<dyn Fn(Sample) -> Sample>;

impl Part {
    fn optional<T: 'static>(
        values: impl IntoIterator<Item = T>,
        change: impl Fn(Sample, &T) -> Sample + Copy + 'static,
    ) -> Self {
        let changes = values
            .into_iter()
            .map(|value| -> Change { Box::new(move |sample| change(sample, &value)) });
        Self {
            changes: changes.collect(),
            is_required: false,
        }
    }

    fn required(mut self) -> Self {
        self.is_required = true;
        self
    }
}

fn parts(row: &'static Definition, kind: Option<Kind>, format: &dyn Format) -> Vec<Part> {
    let mut parts = request_parts(format);
    parts.push(Part::optional(
        ["One message.", "Another message."],
        |sample, text| sample.with(|problem| problem.with_message(*text)),
    ));
    for detail in row.details() {
        if detail.visibility() == Visibility::Public {
            let part = detail_part(detail);
            // A layer does not know the details of a service's own row.
            let is_required = kind.is_none() && !detail.is_optional();
            parts.push(if is_required { part.required() } else { part });
        }
    }
    if kind.is_some() {
        // Nor does the row know the details of a layer or of a handler.
        parts.push(Part::optional(["one", "two"], |sample, value| {
            sample.with(|problem| problem.with_detail(UNDECLARED.to_owned(), value))
        }));
    }
    let of_kind = kind.unwrap_or(row.kind());
    if matches!(of_kind, Kind::BadRequest | Kind::Validation) {
        parts.push(Part::optional(field_errors(), |sample, errors| {
            let add =
                |problem: Problem, error: &FieldError| problem.with_field_error(error.clone());
            sample.with(|problem| errors.iter().fold(problem, add))
        }));
    }
    if let Some(facts) = kind.and_then(facts) {
        parts.push(Part::optional(facts, |sample, facts| {
            sample.with(|problem| problem.with_facts(facts.clone()))
        }));
    }
    if row.retry() == Retry::Later {
        parts.push(Part::optional([30_000, 1500], |sample, millis| {
            sample.with(|problem| problem.with_retry_after(Duration::from_millis(*millis)))
        }));
    }
    if is_server_error(row.status(), of_kind) {
        parts.push(Part::optional([1_u64, 2], |mut sample, id| {
            let time = SystemTime::UNIX_EPOCH + Duration::from_millis(*id);
            sample.problem.set_error_id(ErrorId::new(*id, time));
            sample
        }));
    }
    parts
}

fn is_server_error(status: StatusCode, kind: Kind) -> bool {
    status.is_server_error() || kind.status().is_server_error()
}

fn request_parts(format: &dyn Format) -> Vec<Part> {
    let mut parts = vec![
        Part::optional(["one.example", "two.example"], |mut sample, domain| {
            sample.domain = domain;
            sample
        }),
        Part::optional(["req_1", "req_2"], |mut sample, id| {
            sample.correlation_id = CorrelationId::new(*id).ok();
            sample
        }),
    ];
    if format.wants_json_rpc_ids() {
        parts.push(Part::optional(
            ["null", "1", "\"a\"", "2.5", "\"b\""],
            |mut sample, id| {
                let call = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"sample"}}"#);
                sample.ids = Some(JsonRpcIds::from_json(call.as_bytes()));
                sample
            },
        ));
    }
    if format.wants_trace_parent() {
        parts.push(Part::optional(
            [
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            ],
            |mut sample, parent| {
                sample.parent = TraceParent::parse(&HeaderValue::from_static(parent));
                sample
            },
        ));
    }
    parts
}

fn detail_part(detail: &'static DetailDefinition) -> Part {
    let mut values = values(detail.detail_type());
    if detail.is_optional() {
        values.push(Value::Null);
    }
    // A computed name may be that of a member of every body, and a format then leaves it out.
    let values = values.into_iter().map(|value| (detail.name(), value));
    Part::optional(values, |sample, (name, value)| {
        sample.with(|problem| problem.with_detail((*name).to_owned(), value))
    })
}

/// Different values of the type.
fn values(detail_type: DetailType) -> Vec<Value> {
    match detail_type {
        DetailType::Array(items) => vec![json!([]), values(*items).into()],
        DetailType::Boolean => vec![json!(true), json!(false)],
        DetailType::DateTime => vec![json!("2026-01-31T12:00:00Z"), json!("2026-02-01T00:00:00Z")],
        DetailType::Integer => vec![json!(3), json!(4)],
        DetailType::Number => vec![json!(1.5), json!(2.5)],
        DetailType::Object => vec![json!({})],
        DetailType::String => vec![json!("one"), json!("two")],
        _ => {
            let scalars = [json!("one"), json!("two"), json!(3), json!(4), json!(1.5)];
            let others = [json!(true), json!(false), json!([]), json!({}), Value::Null];
            scalars.into_iter().chain(others).collect()
        }
    }
}

/// Errors in a member, under a pointer and in a parameter, with the client's value and without.
fn field_errors() -> Vec<Vec<FieldError>> {
    let [one, two] = FIELDS;
    let member = || FieldError::new(one, "is required");
    let pointer = || FieldError::new(two, "is too long").with_pointer("/items/0/name");
    let parameter = |name| FieldError::from_parameter(name, "must be a number");
    vec![
        vec![member()],
        vec![member().with_value("x")],
        vec![pointer().with_value("y")],
        vec![parameter(one).with_value("z")],
        vec![member().with_value("x"), pointer(), parameter(two)],
    ]
}

/// The facts of a layer that rejects with this kind, in three versions.
fn facts(kind: Kind) -> Option<[Facts; 3]> {
    let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3600));
    match kind {
        Kind::CostExceedsLimit | Kind::QuotaExceeded | Kind::RateLimited => {
            let all = RateLimitFacts::new("one".into(), 60, minute, 61)
                .with_others(vec!["two".into()])
                .with_scope(Some("user".into()));
            let other = all.clone().with_scope(Some("tenant".into()));
            let few = RateLimitFacts::new("two".into(), 1000, hour, 1005);
            Some([all, other, few].map(Facts::RateLimit))
        }
        Kind::Overloaded | Kind::RequestTimeout | Kind::UpstreamTimeout => {
            let all = TimeoutFacts::new(Phase::ResponseHead, minute, minute)
                .with_operation("search")
                .with_upstream("media");
            let few = TimeoutFacts::new(Phase::Queue, hour, hour);
            let other = all.with_operation("update").with_upstream("library");
            Some([all, other, few].map(Facts::Timeout))
        }
        Kind::VersionOutdated | Kind::VersionTooNew => {
            let facts = |client, minimum: &str| match kind {
                Kind::VersionTooNew => {
                    VersionFacts::new(client, minimum.into()).with_maximum("9.0.0".into())
                }
                _ => VersionFacts::new(client, minimum.into()),
            };
            let all = facts("1.1.9", "1.2.0")
                .with_server(Some("1.4.0".into()))
                .with_update_url(Some("https://example.com/update".into()));
            let other = all
                .clone()
                .with_server(Some("1.5.0".into()))
                .with_update_url(Some("https://example.com/other".into()));
            Some([all, other, facts("1.0.0", "1.3.0")].map(Facts::Version))
        }
        _ => None,
    }
}
