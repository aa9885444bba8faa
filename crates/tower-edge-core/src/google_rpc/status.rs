use std::time::Duration;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;

use super::protobuf::{duration, fields, last, text};
use super::{GRPC_MESSAGE, GRPC_RETRY_PUSHBACK_MS, GRPC_STATUS, GRPC_STATUS_DETAILS_BIN};
use crate::http_ext::percent_decode;
use crate::problem::FieldError;
use crate::{GrpcCode, Kind, Problem, messages};

/// A [`google.rpc.Status`](https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto) that another
/// service has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// What went wrong.
    pub code: GrpcCode,
    /// What went wrong, for people: at most [`Problem::MAX_MESSAGE`] bytes.
    pub message: String,
    /// The standard details.
    pub details: StatusDetails,
}

impl Status {
    /// Reads the status of a response or of its trailers. `None` without `grpc-status`, and where it is `OK`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use http::HeaderMap;
    /// use tower_edge_core::google_rpc::{Status, insert_status};
    /// use tower_edge_core::{Context, GrpcCode, Kind, Problem};
    ///
    /// let problem = Problem::new(Kind::RateLimited).with_retry_after(Duration::from_millis(1500));
    /// let mut trailers = HeaderMap::new();
    /// insert_status(&problem, Some(&Context::default()), &mut trailers);
    ///
    /// let status = Status::from_headers(&trailers).ok_or("no error")?;
    /// assert_eq!(status.code, GrpcCode::ResourceExhausted);
    /// assert_eq!(status.details.reason.as_deref(), Some("RATE_LIMITED"));
    /// assert_eq!(status.details.retry_delay, Some(Duration::from_millis(1500)));
    /// # Ok::<(), &str>(())
    /// ```
    ///
    /// A code that gRPC does not define is [`Unknown`](GrpcCode::Unknown)
    /// ([status codes](https://github.com/grpc/grpc/blob/master/doc/statuscodes.md)). Details that are malformed, or
    /// longer than [`MAX_DETAILS`], are ignored.
    #[must_use]
    pub fn from_headers(fields: &HeaderMap) -> Option<Self> {
        let code = fields.get(&GRPC_STATUS)?.as_bytes();
        if code == b"0" {
            return None;
        }
        // Digits (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses), without leading zeros, as
        // all servers write them.
        let is_number = matches!(code, [b'1'..=b'9', ..]);
        let number = str::from_utf8(code).ok().filter(|_| is_number);
        let number = number.and_then(|code| code.parse().ok());
        let code = number.and_then(GrpcCode::from_number);
        let encoded = fields.get(&GRPC_MESSAGE).map(|value| {
            let bytes = percent_decode(value.as_bytes());
            text(&bytes.take(Problem::MAX_MESSAGE).collect::<Vec<_>>())
        });
        let (message, details) = sent_details(fields).unwrap_or_default();
        let message = encoded.filter(|it| !it.is_empty()).unwrap_or(message);
        Some(Self {
            code: code.unwrap_or(GrpcCode::Unknown),
            message: without_fields(&message, &details.field_errors).to_owned(),
            details,
        })
    }
}

/// The [standard details](https://google.aip.dev/193#error_model) of a status that another service has sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusDetails {
    /// The service that defines the reasons.
    pub domain: Option<String>,
    /// What is wrong with the fields of the request: at most [`Problem::MAX_ITEMS`].
    pub field_errors: Vec<FieldError>,
    /// Further facts, as names and values: at most [`Problem::MAX_ITEMS`].
    pub metadata: Vec<(String, String)>,
    /// The reason in upper snake case.
    pub reason: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
    /// How long to wait before the next try.
    pub retry_delay: Option<Duration>,
}

impl StatusDetails {
    /// Reads the details of a [`google.rpc.Status`](Status) in
    /// [protobuf](https://protobuf.dev/programming-guides/encoding/). Malformed ones, and those longer than
    /// [`MAX_DETAILS`], are ignored.
    #[must_use]
    pub fn from_protobuf(status: &[u8]) -> Self {
        status_from_protobuf(status).unwrap_or_default().1
    }

    /// The kind of an error with this code: the kind that the [reason](Self::reason) names, if a service with
    /// tower-edge has sent it, else the kind of the code.
    #[must_use]
    pub fn kind(&self, code: GrpcCode) -> Kind {
        let reason = self.reason.as_deref().unwrap_or_default();
        let is_named =
            |kind: &Kind| kind.grpc_code() == code && kind.name().eq_ignore_ascii_case(reason);
        if let Some(kind) = Kind::ALL.iter().copied().find(is_named) {
            return kind;
        }
        match code {
            GrpcCode::InvalidArgument if !self.field_errors.is_empty() => Kind::Validation,
            GrpcCode::InvalidArgument => Kind::BadRequest,
            GrpcCode::NotFound => Kind::NotFound,
            GrpcCode::AlreadyExists => Kind::AlreadyExists,
            GrpcCode::PermissionDenied => Kind::PermissionDenied,
            GrpcCode::ResourceExhausted => Kind::RateLimited,
            GrpcCode::FailedPrecondition => Kind::PreconditionFailed,
            GrpcCode::Aborted => Kind::Conflict,
            GrpcCode::OutOfRange => Kind::RangeNotSatisfiable,
            GrpcCode::Unauthenticated => Kind::Unauthenticated,
            GrpcCode::Cancelled => Kind::Cancelled,
            GrpcCode::DeadlineExceeded => Kind::UpstreamTimeout,
            GrpcCode::Unimplemented => Kind::NotImplemented,
            GrpcCode::Unavailable => Kind::Unavailable,
            GrpcCode::Internal | GrpcCode::Unknown | GrpcCode::DataLoss => Kind::Internal,
        }
    }

    /// Adds a detail: the message of this type in protobuf. Other types, and malformed messages, are ignored.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use tower_edge_core::google_rpc::StatusDetails;
    ///
    /// let mut details = StatusDetails::default();
    /// details.add("google.rpc.RetryInfo", b"\x0a\x02\x08\x03");
    ///
    /// assert_eq!(details.retry_delay, Some(Duration::from_secs(3)));
    /// ```
    ///
    /// The type may be a URL, as in [`Any`](https://protobuf.dev/programming-guides/proto3/#any).
    pub fn add(&mut self, type_name: &str, message: &[u8]) {
        let name = type_name.rsplit('/').next().unwrap_or_default();
        // A malformed message is ignored as a whole, not only from the malformed field on.
        let Some(fields) = fields(message) else {
            return;
        };
        match name {
            "google.rpc.BadRequest" => {
                let violations = fields.iter().filter_map(|field| field.message(1));
                for violation in violations {
                    self.add_field_error(last(&violation, 1), last(&violation, 2));
                }
            }
            "google.rpc.ErrorInfo" => {
                self.reason = Some(last(&fields, 1)).filter(|it| !it.is_empty());
                self.domain = Some(last(&fields, 2)).filter(|it| !it.is_empty());
                let entries = fields.iter().filter_map(|field| field.message(3));
                let entries = entries.map(|entry| (last(&entry, 1), last(&entry, 2)));
                self.metadata = entries.take(Problem::MAX_ITEMS).collect();
            }
            "google.rpc.RequestInfo" => {
                self.request_id = Some(last(&fields, 1)).filter(|it| !it.is_empty());
            }
            "google.rpc.RetryInfo" => {
                let delay = fields.iter().rev().find_map(|field| field.message(1));
                self.retry_delay = delay.and_then(|delay| duration(&delay));
            }
            _ => {}
        }
    }

    /// Adds what is wrong with a field, unless there are [`Problem::MAX_ITEMS`] already.
    pub fn add_field_error(&mut self, field: String, description: String) {
        if self.field_errors.len() < Problem::MAX_ITEMS {
            let pointer = pointer(&field);
            let error = FieldError::new(field, description).with_pointer(pointer);
            self.field_errors.push(error);
        }
    }
}

/// How long the [`RetryInfo`](https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto) in
/// `grpc-status-details-bin` asks a client to wait.
///
/// ```
/// use std::time::Duration;
///
/// use http::HeaderMap;
/// use tower_edge_core::google_rpc::{insert_status, retry_delay};
/// use tower_edge_core::{Context, Kind, Problem};
///
/// let problem = Problem::new(Kind::Unavailable).with_retry_after(Duration::from_millis(1500));
/// let mut trailers = HeaderMap::new();
/// insert_status(&problem, Some(&Context::default()), &mut trailers);
///
/// assert_eq!(retry_delay(&trailers), Some(Duration::from_millis(1500)));
/// ```
#[must_use]
pub fn retry_delay(fields: &HeaderMap) -> Option<Duration> {
    sent_details(fields)?.1.retry_delay
}

/// The value of `grpc-retry-pushback-ms` in a response ([gRFC
/// A6](https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushback {
    /// Retry after this time.
    After(Duration),
    /// Do not retry.
    Never,
}

impl Pushback {
    /// Reads the field of a response or of its trailers. A negative number, or anything but a number of 32 bits, is
    /// [`Never`](Self::Never).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use http::{HeaderMap, HeaderValue};
    /// use tower_edge_core::google_rpc::Pushback;
    ///
    /// let mut trailers = HeaderMap::new();
    /// assert_eq!(Pushback::from_headers(&trailers), None);
    ///
    /// trailers.insert("grpc-retry-pushback-ms", HeaderValue::from_static("700"));
    /// assert_eq!(Pushback::from_headers(&trailers), Some(Pushback::After(Duration::from_millis(700))));
    ///
    /// trailers.insert("grpc-retry-pushback-ms", HeaderValue::from_static("-1"));
    /// assert_eq!(Pushback::from_headers(&trailers), Some(Pushback::Never));
    /// ```
    #[must_use]
    pub fn from_headers(fields: &HeaderMap) -> Option<Self> {
        let value = fields.get(&GRPC_RETRY_PUSHBACK_MS)?.to_str();
        let value = value.ok().filter(|value| !value.starts_with('+'));
        let number = value.and_then(|value| value.parse::<i32>().ok());
        let milliseconds = number.and_then(|number| u64::try_from(number).ok());
        Some(milliseconds.map_or(Self::Never, |it| Self::After(Duration::from_millis(it))))
    }
}

/// The maximum number of bytes of a status with its details that is read. Clients commonly accept 8 KiB of header
/// fields in all.
pub const MAX_DETAILS: usize = 8192;

fn sent_details(fields: &HeaderMap) -> Option<(String, StatusDetails)> {
    let value = fields.get(&GRPC_STATUS_DETAILS_BIN)?.as_bytes();
    // Values of several fields may come joined by a comma; only one status is meant.
    let first = value.split(|byte| *byte == b',').next()?.trim_ascii();
    status_from_protobuf(&from_base64(first)?)
}

/// Decodes [base64](https://www.rfc-editor.org/rfc/rfc4648#section-4), padded or not, as gRPC and Connect send it.
/// `None` where it is malformed, or has more than [`MAX_DETAILS`] bytes.
#[must_use]
pub fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    const ANY_PADDING: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let is_short = text.len() <= MAX_DETAILS.div_ceil(3) * 4;
    is_short.then(|| ANY_PADDING.decode(text).ok())?
}

fn status_from_protobuf(status: &[u8]) -> Option<(String, StatusDetails)> {
    if status.len() > MAX_DETAILS {
        return None;
    }
    let fields = fields(status)?;
    let mut details = StatusDetails::default();
    for any in fields.iter().filter_map(|field| field.message(3)) {
        let value = any.iter().rev().find_map(|field| field.bytes(2));
        details.add(&last(&any, 1), value.unwrap_or_default());
    }
    Some((last(&fields, 2), details))
}

/// The pointer of a path such as `items[0].title`
/// ([BadRequest.FieldViolation](https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto)).
fn pointer(field: &str) -> String {
    field
        .split(['.', '['])
        .map(|name| {
            let name = FieldError::new(name.trim_end_matches(']').to_owned(), "");
            name.pointer().unwrap_or_default().into_owned()
        })
        .collect()
}

/// The message without the fields that [`insert_status`](super::insert_status) adds. A long message has only a part of
/// them. They are in the details too, and would be added again at each hop.
pub(crate) fn without_fields<'a>(message: &'a str, errors: &[FieldError]) -> &'a str {
    if errors.is_empty() {
        return message;
    }
    let fields = messages::fields(errors);
    let mut colons = message.match_indices(": ");
    let kept = colons.find_map(|(at, _)| {
        let (kept, end) = message.split_at(at);
        fields.starts_with(end).then_some(kept)
    });
    kept.unwrap_or(message)
}

#[cfg(test)]
mod tests;
