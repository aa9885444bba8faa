//! The [standard details](https://google.aip.dev/193#error_model) of an RPC error, as JSON and as protobuf, within the
//! bounds of header fields. [`insert_status`] writes a status. A [`Status`] is one that another service has sent.
//!
//! Clients commonly accept [8 KiB](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses) of
//! header fields in all. A status takes half of that at most: see [`MAX_STATUS`] and [`MAX_MESSAGE`].

mod protobuf;
pub(crate) mod status;

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue};

pub use self::status::{MAX_DETAILS, Pushback, Status, StatusDetails, from_base64, retry_delay};
use crate::http_ext::{header_int, percent_encode, whole_milliseconds};
use crate::json::Object;
use crate::problem::FieldError;
use crate::{Context, Definition, Problem, messages};

/// A message of
/// [google/rpc/error_details.proto](https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ErrorDetail<'a> {
    /// What is wrong with the fields of the request.
    BadRequest(&'a [FieldError]),
    /// What went wrong, for programs.
    #[non_exhaustive]
    ErrorInfo {
        /// The service that defines the reasons.
        domain: &'a str,
        /// Further facts, as names and values.
        metadata: Vec<(Cow<'a, str>, Cow<'a, str>)>,
        /// The reason in upper snake case.
        reason: String,
    },
    /// The id of the request.
    RequestInfo(&'a str),
    /// How long to wait before the next try.
    RetryInfo(Duration),
}

/// The details of a problem, each type at most once. The reason is that of the row, else the problem's own. The row
/// also decides which details are hidden.
#[must_use]
pub fn details<'a>(
    problem: &'a Problem,
    row: Option<&'static Definition>,
    context: &Context<'a>,
) -> Vec<ErrorDetail<'a>> {
    let mut metadata = problem.metadata(context.exposure());
    if let Some(row) = row {
        metadata.retain(|(name, _)| context.exposure().shows(row.visibility(name)));
    }
    let mut details = vec![ErrorDetail::ErrorInfo {
        domain: context.domain(),
        metadata,
        reason: row.map_or_else(|| problem.reason(), Definition::reason),
    }];
    details.extend(problem.retry_after().map(ErrorDetail::RetryInfo));
    if !problem.field_errors().is_empty() {
        details.push(ErrorDetail::BadRequest(problem.field_errors()));
    }
    let id = context.correlation_id();
    details.extend(id.map(|id| ErrorDetail::RequestInfo(id.as_str())));
    details
}

impl ErrorDetail<'_> {
    /// The full name of the message.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.type_url().split_at(TYPE_HOST.len()).1
    }

    /// The type URL, as in [`Any`](https://protobuf.dev/programming-guides/proto3/#any).
    #[must_use]
    pub const fn type_url(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "type.googleapis.com/google.rpc.BadRequest",
            Self::ErrorInfo { .. } => "type.googleapis.com/google.rpc.ErrorInfo",
            Self::RequestInfo(_) => "type.googleapis.com/google.rpc.RequestInfo",
            Self::RetryInfo(_) => "type.googleapis.com/google.rpc.RetryInfo",
        }
    }

    /// Writes the members in the [JSON of protobuf](https://protobuf.dev/programming-guides/json/).
    pub fn json(&self, object: &mut Object<'_>) {
        match self {
            Self::BadRequest(errors) => {
                object.objects("fieldViolations", *errors, |error, object| {
                    object
                        .text("field", error.field())
                        .text("description", error.message());
                });
            }
            Self::ErrorInfo {
                domain,
                metadata,
                reason,
            } => {
                object.text("reason", reason).text("domain", domain);
                let mut object = object.object("metadata");
                for (name, value) in metadata {
                    object.entry(name, value);
                }
            }
            Self::RequestInfo(id) => {
                object.text("requestId", id);
            }
            Self::RetryInfo(wait) => {
                object.display("retryDelay", seconds(*wait));
            }
        }
    }

    /// The message in the [encoding of protobuf](https://protobuf.dev/programming-guides/encoding/).
    #[must_use]
    pub fn protobuf(&self) -> Vec<u8> {
        let mut message = Vec::new();
        match self {
            Self::BadRequest(errors) => {
                for error in *errors {
                    let mut violation = Vec::new();
                    bytes(1, error.field().as_bytes(), &mut violation);
                    bytes(2, error.message().as_bytes(), &mut violation);
                    bytes(1, &violation, &mut message);
                }
            }
            Self::ErrorInfo {
                domain,
                metadata,
                reason,
            } => {
                bytes(1, reason.as_bytes(), &mut message);
                bytes(2, domain.as_bytes(), &mut message);
                for (name, value) in metadata {
                    let mut entry = Vec::new();
                    bytes(1, name.as_bytes(), &mut entry);
                    bytes(2, value.as_bytes(), &mut entry);
                    bytes(3, &entry, &mut message);
                }
            }
            Self::RequestInfo(id) => bytes(1, id.as_bytes(), &mut message),
            Self::RetryInfo(wait) => {
                let mut duration = Vec::new();
                number(1, wait.as_secs(), &mut duration);
                number(2, wait.subsec_nanos().into(), &mut duration);
                bytes(1, &duration, &mut message);
            }
        }
        message
    }
}

/// Adds the status of a problem to header fields or trailers: its code, its message and its wait. With a context, it
/// also adds the details that clients may see there, unless they are too long.
///
/// ```
/// use http::HeaderMap;
/// use tower_edge_core::{Kind, Problem, google_rpc};
///
/// let problem = Problem::new(Kind::NotFound).with_message("no such medium");
/// let mut trailers = HeaderMap::new();
/// google_rpc::insert_status(&problem, None, &mut trailers);
///
/// assert_eq!(trailers["grpc-status"], "5");
/// assert_eq!(trailers["grpc-message"], "no such medium");
/// ```
pub fn insert_status(problem: &Problem, context: Option<&Context<'_>>, fields: &mut HeaderMap) {
    fields.insert(
        &GRPC_STATUS,
        header_int(problem.grpc_code().number().into()),
    );
    let message = messages::message_with_fields(problem, None);
    let message = truncate_message(&message);
    let details = context.and_then(|context| status(problem, message, context));
    // The encoded message is always a valid header value.
    if let Some(Ok(details)) = details.map(|it| HeaderValue::try_from(STANDARD_NO_PAD.encode(it))) {
        fields.insert(&GRPC_STATUS_DETAILS_BIN, details);
    }
    let mut encoded = String::new();
    percent_encode(message, is_message_byte, &mut encoded);
    if let Ok(message) = HeaderValue::try_from(encoded) {
        fields.insert(&GRPC_MESSAGE, message);
    }
    if let Some(wait) = problem.retry_after() {
        fields.insert(&GRPC_RETRY_PUSHBACK_MS, header_int(pushback(wait)));
    }
}

/// The [`google.rpc.Status`](https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto) of a
/// problem with this message. `grpc-status-details-bin` carries it in base64.
///
/// Clients drop a response whose header fields are too long. So a status of more than [`MAX_STATUS`] bytes keeps the
/// reason and the wait, and leaves out the metadata and the field violations. `None` if it is still too long.
#[must_use]
pub fn status(problem: &Problem, message: &str, context: &Context<'_>) -> Option<Vec<u8>> {
    let mut details = details(problem, None, context);
    let whole = encoded(problem, message, &details);
    if whole.len() <= MAX_STATUS {
        return Some(whole);
    }
    details.retain(|detail| !matches!(detail, ErrorDetail::BadRequest(_)));
    for detail in &mut details {
        if let ErrorDetail::ErrorInfo { metadata, .. } = detail {
            metadata.clear();
        }
    }
    let short = encoded(problem, message, &details);
    (short.len() <= MAX_STATUS).then_some(short)
}

fn encoded(problem: &Problem, message: &str, details: &[ErrorDetail<'_>]) -> Vec<u8> {
    let mut status = Vec::new();
    number(1, problem.grpc_code().number().into(), &mut status);
    bytes(2, message.as_bytes(), &mut status);
    for detail in details {
        let mut any = Vec::new();
        bytes(1, detail.type_url().as_bytes(), &mut any);
        bytes(2, &detail.protobuf(), &mut any);
        bytes(3, &any, &mut status);
    }
    status
}

/// The start of a message, at most [`MAX_MESSAGE`] bytes in `grpc-message`. Each byte that [needs
/// percent-encoding](is_message_byte) takes three. The message ends with a whole character, since some clients cannot
/// decode half of one.
#[must_use]
pub fn truncate_message(message: &str) -> &str {
    let mut length = 0;
    let end = message.char_indices().find_map(|(at, char)| {
        let escaped = char.len_utf8() * "%XX".len();
        if length + escaped > MAX_MESSAGE {
            return Some(at);
        }
        let is_plain = u8::try_from(char).is_ok_and(is_message_byte);
        length += if is_plain { 1 } else { escaped };
        None
    });
    end.and_then(|end| message.get(..end)).unwrap_or(message)
}

/// Whether `grpc-message` carries this byte as it is. All others, and the percent sign itself, are percent-encoded
/// ([gRPC over HTTP/2, Status-Message](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses)).
#[must_use]
pub const fn is_message_byte(byte: u8) -> bool {
    matches!(byte, b' '..=b'$' | b'&'..=b'~')
}

/// The value of `grpc-retry-pushback-ms`: whole milliseconds, rounded up. Clients read a signed number of 32 bits
/// ([gRFC A6](https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback)).
#[must_use]
pub fn pushback(wait: Duration) -> u64 {
    whole_milliseconds(wait).min(MAX_PUSHBACK)
}

/// The maximum number of bytes of a status with its details: 2816 in base64.
pub const MAX_STATUS: usize = 2112;
/// The maximum number of bytes of a message in `grpc-message`.
pub const MAX_MESSAGE: usize = 1024;

const TYPE_HOST: &str = "type.googleapis.com/";

const MAX_PUSHBACK: u64 = i32::MAX as u64;

static GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
static GRPC_RETRY_PUSHBACK_MS: HeaderName = HeaderName::from_static("grpc-retry-pushback-ms");
static GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
static GRPC_STATUS_DETAILS_BIN: HeaderName = HeaderName::from_static("grpc-status-details-bin");

/// A duration in the JSON of protobuf, with as many groups of three digits as it needs.
fn seconds(duration: Duration) -> String {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    match nanos {
        0 => format!("{seconds}s"),
        _ if nanos.is_multiple_of(1_000_000) => format!("{seconds}.{:03}s", nanos / 1_000_000),
        _ if nanos.is_multiple_of(1000) => format!("{seconds}.{:06}s", nanos / 1000),
        _ => format!("{seconds}.{nanos:09}s"),
    }
}

/// Writes a field that is a string or a message, unless it is empty.
fn bytes(field: u8, content: &[u8], out: &mut Vec<u8>) {
    if !content.is_empty() {
        out.push(field << 3 | 2);
        varint(content.len() as u64, out);
        out.extend_from_slice(content);
    }
}

/// Writes a field that is a number, unless it is 0.
fn number(field: u8, value: u64, out: &mut Vec<u8>) {
    if value != 0 {
        out.push(field << 3);
        varint(value, out);
    }
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        let [low, ..] = value.to_le_bytes();
        out.push(low | 0x80);
        value >>= 7;
    }
    let [low, ..] = value.to_le_bytes();
    out.push(low);
}

#[cfg(test)]
mod tests {
    use super::*;

    // Protocol buffers, encoding: 150 is 96 01; field 1 of type 0 is 08.
    #[test]
    fn a_number_is_written_as_in_the_standard() {
        let mut out = Vec::new();

        number(1, 150, &mut out);
        bytes(2, b"testing", &mut out);
        number(3, 0, &mut out);
        bytes(4, b"", &mut out);

        assert_eq!(out, b"\x08\x96\x01\x12\x07testing");
    }

    #[test]
    fn a_wait_is_a_duration_in_both_encodings() {
        let wait = ErrorDetail::RetryInfo(Duration::from_millis(1500));

        assert_eq!(wait.protobuf(), b"\x0a\x08\x08\x01\x10\x80\xca\xb5\xee\x01");
        for (nanos, text) in [
            (3_000_000_000, "3s"),
            (1_500_000_000, "1.500s"),
            (1_000_001_000, "1.000001s"),
            (1, "0.000000001s"),
        ] {
            assert_eq!(seconds(Duration::from_nanos(nanos)), text);
        }
    }

    // gRPC over HTTP/2, Status-Message: percent-encoded but for %x20-%x24 and %x26-%x7E.
    #[test]
    fn a_message_is_truncated_at_a_character_to_what_it_takes_in_its_field() {
        for (message, kept) in [
            ("a".repeat(2000), 1022),
            ("ü".repeat(2000), 340),
            ("%".repeat(2000), 341),
            (format!("a{}", "€".repeat(2000)), 340),
            (String::from("ü"), 2),
            (String::new(), 0),
        ] {
            let truncated = truncate_message(&message);

            assert!(message.starts_with(truncated));
            assert_eq!(truncated.len(), kept, "{truncated}");
        }
    }

    #[test]
    fn a_status_that_is_too_long_is_left_out() {
        let status = |length: usize| {
            let message = "a".repeat(length);
            let problem = Problem::new(crate::Kind::NotFound);
            status(&problem, &message, &Context::default())
        };

        assert!(status(1900).is_some_and(|status| status.len() <= MAX_STATUS));
        assert_eq!(status(MAX_STATUS), None);
    }

    #[test]
    fn a_status_that_would_be_too_long_keeps_the_reason_and_the_wait() {
        let mut problem = Problem::new(crate::Kind::Validation)
            .with_retry_after(Duration::from_secs(1))
            .with_detail("note", "a".repeat(200));
        for item in 0..40 {
            let field = format!("items[{item}].title");
            let error = FieldError::new(field, "must be a whole number from 0 to 255");
            problem = problem.with_field_error(error);
        }

        let status = status(&problem, "no", &Context::default().with_domain("a.example")).unwrap();

        let has = |text: &str| status.windows(text.len()).any(|at| at == text.as_bytes());
        assert!(has("VALIDATION_ERROR") && has("RetryInfo"));
        assert!(!has("BadRequest") && !has("note"));
    }

    #[test]
    fn a_pushback_is_rounded_up_and_has_32_bits() {
        assert_eq!(pushback(Duration::from_micros(700_001)), 701);
        assert_eq!(pushback(Duration::MAX), MAX_PUSHBACK);
    }
}
