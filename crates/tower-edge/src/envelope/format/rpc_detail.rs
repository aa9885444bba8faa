//! The [standard details](https://google.aip.dev/193#error_model) of an RPC error, as JSON and as
//! protobuf.

use std::borrow::Cow;
use std::time::Duration;

use tower_edge_core::problem::FieldError;
use tower_edge_core::{Context, GrpcCode, Problem};

use super::json::Object;

/// A message of
/// [google/rpc/error_details.proto](https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto).
pub(super) enum RpcDetail<'a> {
    BadRequest(&'a [FieldError]),
    ErrorInfo {
        domain: &'static str,
        metadata: Vec<(Cow<'a, str>, Cow<'a, str>)>,
        reason: String,
    },
    RequestInfo(&'a str),
    RetryInfo(Duration),
}

/// What there is to say of a problem, each type at most once.
pub(super) fn details<'a>(
    problem: &'a Problem,
    domain: &'static str,
    context: &Context<'a>,
) -> Vec<RpcDetail<'a>> {
    let mut details = vec![RpcDetail::ErrorInfo {
        domain,
        metadata: problem.metadata(context.exposure()),
        reason: problem.reason(),
    }];
    details.extend(problem.retry_after().map(RpcDetail::RetryInfo));
    if !problem.field_errors().is_empty() {
        details.push(RpcDetail::BadRequest(problem.field_errors()));
    }
    let id = context.correlation_id();
    details.extend(id.map(|id| RpcDetail::RequestInfo(id.as_str())));
    details
}

impl RpcDetail<'_> {
    /// The full name of the message.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "google.rpc.BadRequest",
            Self::ErrorInfo { .. } => "google.rpc.ErrorInfo",
            Self::RequestInfo(_) => "google.rpc.RequestInfo",
            Self::RetryInfo(_) => "google.rpc.RetryInfo",
        }
    }

    /// The name as [`Any`](https://protobuf.dev/programming-guides/proto3/#any) has it.
    pub(super) fn type_url(&self) -> String {
        format!("type.googleapis.com/{}", self.name())
    }

    /// Writes the members in the [JSON of protobuf](https://protobuf.dev/programming-guides/json/).
    pub(super) fn json(&self, object: &mut Object<'_>) {
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
                    object.foreign_text(name, value);
                }
            }
            Self::RequestInfo(id) => {
                object.text("requestId", id);
            }
            Self::RetryInfo(wait) => {
                object.text("retryDelay", &seconds(*wait));
            }
        }
    }

    /// The message in the [encoding of protobuf](https://protobuf.dev/programming-guides/encoding/).
    pub(super) fn protobuf(&self) -> Vec<u8> {
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

/// The [`google.rpc.Status`](https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto)
/// with these details.
pub(super) fn status(code: GrpcCode, text: &str, details: &[RpcDetail<'_>]) -> Vec<u8> {
    let mut status = Vec::new();
    number(1, code.number().into(), &mut status);
    bytes(2, text.as_bytes(), &mut status);
    for detail in details {
        let mut any = Vec::new();
        bytes(1, detail.type_url().as_bytes(), &mut any);
        bytes(2, &detail.protobuf(), &mut any);
        bytes(3, &any, &mut status);
    }
    status
}

/// A duration in the JSON of protobuf: with as many groups of three digits as it takes.
fn seconds(duration: Duration) -> String {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    match nanos {
        0 => format!("{seconds}s"),
        _ if nanos.is_multiple_of(1_000_000) => format!("{seconds}.{:03}s", nanos / 1_000_000),
        _ if nanos.is_multiple_of(1000) => format!("{seconds}.{:06}s", nanos / 1000),
        _ => format!("{seconds}.{nanos:09}s"),
    }
}

/// A field that is a string or a message; one that is empty is not there.
fn bytes(field: u8, content: &[u8], out: &mut Vec<u8>) {
    if !content.is_empty() {
        out.push(field << 3 | 2);
        varint(content.len() as u64, out);
        out.extend_from_slice(content);
    }
}

/// A field that is a number; 0 is not there.
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
        let wait = RpcDetail::RetryInfo(Duration::from_millis(1500));

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
}
