use std::iter;
use std::time::Duration;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;

use super::{GRPC_MESSAGE, GRPC_RETRY_PUSHBACK_MS, GRPC_STATUS, GRPC_STATUS_DETAILS_BIN};
use crate::http_ext::percent_decode;
use crate::problem::{FieldError, truncate};
use crate::{GrpcCode, Problem, messages};

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
        let number = str::from_utf8(code).ok().and_then(|code| code.parse().ok());
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
    /// The service whose reasons these are.
    pub domain: Option<String>,
    /// What is wrong with the fields of the request: at most [`Problem::MAX_ITEMS`].
    pub field_errors: Vec<FieldError>,
    /// What is known beside the reason: at most [`Problem::MAX_ITEMS`].
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
        // A message that is malformed from some field on has no meaning before it either.
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

    /// Adds what is wrong with a field, unless there are [`Problem::MAX_ITEMS`].
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

/// What a server has sent in `grpc-retry-pushback-ms`
/// ([gRFC A6](https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushback {
    /// Retry after this time.
    After(Duration),
    /// Do not retry.
    Never,
}

impl Pushback {
    /// Reads the field of a response or of its trailers. A negative number, and what is no number of 32 bits, is
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
        let number = value.ok().and_then(|value| value.parse::<i32>().ok());
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

/// A field of a message in [protobuf](https://protobuf.dev/programming-guides/encoding/#structure).
struct Field<'a> {
    number: u64,
    value: Value<'a>,
}

enum Value<'a> {
    Bytes(&'a [u8]),
    Varint(u64),
    /// Of a fixed length, as none of the standard details has.
    Fixed,
}

impl<'a> Field<'a> {
    fn bytes(&self, number: u64) -> Option<&'a [u8]> {
        match self.value {
            Value::Bytes(bytes) if self.number == number => Some(bytes),
            _ => None,
        }
    }

    fn message(&self, number: u64) -> Option<Vec<Field<'a>>> {
        self.bytes(number).and_then(fields)
    }
}

/// All fields of a message, which are no more than half of its bytes. `None` where it is malformed.
fn fields(message: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut rest = message;
    iter::from_fn(|| (!rest.is_empty()).then(|| field(&mut rest))).collect()
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<Field<'a>> {
    let tag = varint(rest)?;
    let value = match tag & 7 {
        0 => Value::Varint(varint(rest)?),
        1 => split(rest, 8).map(|_| Value::Fixed)?,
        2 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            Value::Bytes(split(rest, length)?)
        }
        5 => split(rest, 4).map(|_| Value::Fixed)?,
        // Groups are deprecated, and in no message of google.rpc.
        _ => return None,
    };
    let number = tag >> 3;
    (number != 0).then_some(Field { number, value })
}

fn split<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (bytes, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(bytes)
}

/// At most ten bytes, each with seven bits of the number, the lowest first.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let &[byte] = split(rest, 1)? else {
            return None;
        };
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// The text of a field; of several the last one counts.
fn last(fields: &[Field<'_>], number: u64) -> String {
    let bytes = fields.iter().rev().find_map(|field| field.bytes(number));
    text(bytes.unwrap_or_default())
}

fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    truncate(&text, Problem::MAX_MESSAGE).to_owned()
}

/// A [`Duration`](https://protobuf.dev/reference/protobuf/google.protobuf/#duration). A negative one is none.
fn duration(fields: &[Field<'_>]) -> Option<Duration> {
    let number = |number| {
        let mut found = fields.iter().rev().filter(|field| field.number == number);
        found.find_map(|field| match field.value {
            Value::Varint(number) => Some(number),
            _ => None,
        })
    };
    // A negative number has its highest bit set.
    let seconds = number(1).unwrap_or_default();
    let nanos = u32::try_from(number(2).unwrap_or_default()).ok()?;
    let is_valid = i64::try_from(seconds).is_ok() && nanos < 1_000_000_000;
    let duration = is_valid.then(|| Duration::new(seconds, nanos))?;
    Some(duration.min(Problem::MAX_RETRY_AFTER))
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
mod tests {
    use base64::engine::general_purpose;
    use http::HeaderValue;

    use super::super::{insert_status, status};
    use super::*;
    use crate::{Context, Kind};

    fn received(fields: &[(&'static str, &str)]) -> HeaderMap {
        let fields = fields.iter().map(|(name, value)| {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            (http::HeaderName::from_static(name), value)
        });
        fields.collect()
    }

    fn problem() -> Problem {
        Problem::new(Kind::Validation)
            .with_message("pas trouvé: 100%")
            .with_detail("id", 7)
            .with_field_error(FieldError::new("items[0].a/b", "is required"))
            .with_retry_after(Duration::from_millis(1500))
    }

    #[test]
    fn what_is_written_is_read() {
        let context = Context::default().with_domain("a.example");
        let mut trailers = HeaderMap::new();
        insert_status(&problem(), Some(&context), &mut trailers);

        let status = Status::from_headers(&trailers).unwrap();

        let field_error = FieldError::new("items[0].a/b", "is required");
        let expected = StatusDetails {
            domain: Some("a.example".into()),
            field_errors: vec![field_error.with_pointer("/items/0/a~1b")],
            metadata: vec![("id".into(), "7".into())],
            reason: Some("VALIDATION_ERROR".into()),
            request_id: None,
            retry_delay: Some(Duration::from_millis(1500)),
        };
        assert_eq!(status.code, GrpcCode::InvalidArgument);
        assert_eq!(status.message, "pas trouvé: 100%");
        assert_eq!(status.details, expected);
    }

    #[test]
    fn every_code_is_read_and_ok_is_no_error() {
        for (value, code) in [
            ("0", None),
            ("1", Some(GrpcCode::Cancelled)),
            ("16", Some(GrpcCode::Unauthenticated)),
            ("17", Some(GrpcCode::Unknown)),
            ("-1", Some(GrpcCode::Unknown)),
            ("", Some(GrpcCode::Unknown)),
            ("99999999999999999999", Some(GrpcCode::Unknown)),
        ] {
            let status = Status::from_headers(&received(&[("grpc-status", value)]));

            assert_eq!(status.map(|status| status.code), code, "{value:?}");
        }
        assert_eq!(Status::from_headers(&HeaderMap::new()), None);
    }

    // gRPC over HTTP/2, Custom-Metadata: implementations accept padded and unpadded values.
    #[test]
    fn details_are_read_with_padding_and_without() {
        let details = status(&problem(), "no", &Context::default()).unwrap();
        let padded = general_purpose::STANDARD.encode(&details);
        let unpadded = general_purpose::STANDARD_NO_PAD.encode(&details);

        for value in [&padded, &unpadded, &format!("{unpadded}, {unpadded}")] {
            let delay = retry_delay(&received(&[("grpc-status-details-bin", value)]));

            assert_eq!(delay, Some(Duration::from_millis(1500)), "{value}");
        }
    }

    #[test]
    fn the_message_of_the_details_stands_in_for_a_missing_one() {
        let details = status(&problem(), "from the details", &Context::default()).unwrap();
        let details = general_purpose::STANDARD.encode(details);

        let fields = received(&[("grpc-status", "3"), ("grpc-status-details-bin", &details)]);

        assert_eq!(
            Status::from_headers(&fields).unwrap().message,
            "from the details"
        );
    }

    #[test]
    fn what_is_malformed_is_ignored() {
        for (status, what) in [
            (&b"\x12"[..], "no length"),
            (b"\x12\x05no", "a length past the end"),
            (
                b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
                "a huge length",
            ),
            (b"\x12\x02no\x0b\x0c", "a group"),
            (b"\x12\x02no\x02\x00", "the field 0"),
            (
                b"\x12\x02no\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
                "a number of 11 bytes",
            ),
            (&[0x0A; MAX_DETAILS + 2], "more than is read"),
        ] {
            assert_eq!(status_from_protobuf(status), None, "{what}");
        }
        let unknown = b"\x12\x02no\x09abcdefgh\x25abcd\xf8\x01\x07";
        assert_eq!(status_from_protobuf(unknown).unwrap().0, "no");
        let not_utf_8 = b"\x12\x02n\xff";
        assert_eq!(status_from_protobuf(not_utf_8).unwrap().0, "n\u{FFFD}");
    }

    // Duration: seconds and nanos have one sign, and nanos are less than a second.
    #[test]
    fn a_delay_that_is_no_duration_is_none() {
        let delay = |duration: &[u8]| {
            let length = u8::try_from(duration.len()).unwrap();
            let mut details = StatusDetails::default();
            details.add(
                "google.rpc.RetryInfo",
                &[&[0x0A, length], duration].concat(),
            );
            details.retry_delay
        };

        assert_eq!(delay(b""), Some(Duration::ZERO));
        assert_eq!(delay(b"\x08\x03"), Some(Duration::from_secs(3)));
        assert_eq!(delay(b"\x10\x07"), Some(Duration::from_nanos(7)));
        let minus_one = b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        assert_eq!(delay(minus_one), None);
        let a_second_in_nanos = b"\x10\x80\x94\xeb\xdc\x03";
        assert_eq!(delay(a_second_in_nanos), None);
        let longest = b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f";
        assert_eq!(delay(longest), Some(Problem::MAX_RETRY_AFTER));
    }

    #[test]
    fn texts_and_lists_are_bounded() {
        let long = vec![b'a'; 5000];
        let mut info = vec![0x0A, 0x88, 0x27];
        info.extend_from_slice(&long);
        let mut details = StatusDetails::default();

        details.add("google.rpc.ErrorInfo", &info);
        details.add("google.rpc.BadRequest", &b"\x0a\x00".repeat(2000));

        assert_eq!(details.reason.unwrap().len(), Problem::MAX_MESSAGE);
        assert_eq!(details.field_errors.len(), Problem::MAX_ITEMS);
        let message = "%41".repeat(5000);
        let fields = received(&[("grpc-status", "5"), ("grpc-message", &message)]);
        let status = Status::from_headers(&fields).unwrap();
        assert_eq!(status.message, "A".repeat(Problem::MAX_MESSAGE));
    }

    // gRFC A6: a value that is negative or unparsable means that the client does not retry.
    #[test]
    fn a_pushback_that_is_no_number_of_32_bits_forbids_a_retry() {
        for (value, pushback) in [
            ("0", Pushback::After(Duration::ZERO)),
            (
                "2147483647",
                Pushback::After(Duration::from_millis(2_147_483_647)),
            ),
            ("2147483648", Pushback::Never),
            ("-1", Pushback::Never),
            ("1.5", Pushback::Never),
            ("", Pushback::Never),
        ] {
            let fields = received(&[("grpc-retry-pushback-ms", value)]);

            assert_eq!(Pushback::from_headers(&fields), Some(pushback), "{value:?}");
        }
    }
}
