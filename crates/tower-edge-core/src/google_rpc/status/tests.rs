use base64::engine::general_purpose;
use http::HeaderValue;

use super::*;
use crate::google_rpc::{insert_status, status};
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
        ("+5", Some(GrpcCode::Unknown)),
        ("005", Some(GrpcCode::Unknown)),
        ("00", Some(GrpcCode::Unknown)),
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
        ("+5", Pushback::Never),
        ("1.5", Pushback::Never),
        ("", Pushback::Never),
    ] {
        let fields = received(&[("grpc-retry-pushback-ms", value)]);

        assert_eq!(Pushback::from_headers(&fields), Some(pushback), "{value:?}");
    }
}
