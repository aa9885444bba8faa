//! The cases of the harness of W3C Trace Context, branch `main`, of June 2026
//! (<https://github.com/w3c/trace-context/blob/main/test/test.py>).
//!
//! The harness calls a service, and looks at the calls that the service makes. Where it expects another parent id, or a
//! trace where none came, that is what a tracer in the service adds: the layers pass on what they get.
//!
//! Branch `level-1` has the same cases but one, and expects the contrary in three of them: those with `level-2` in the
//! second column. Level 1 discards such a `tracestate`.

use std::convert::Infallible;

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, Request, Response};
use tokio_test::block_on;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_edge::client::correlation_id::PropagateCorrelationIdLayer;
use tower_edge::correlation_id::CorrelationIdLayer;

/// The name of the test, what the upstream gets of the two fields, and the fields of the request.
const CASES: &str = "\
test_multiple_requests_with_illegal_traceparent | new | traceparent: 00-00000000000000000000000000000000-1234567890123456-01
test_multiple_requests_with_valid_traceparent | parent | traceparent: 00-12345678901234567890123456789012-1234567890123456-01
test_multiple_requests_without_traceparent | new | 
test_propagates_random_flag | parent | traceparent: 00-12345678901234567890123456789012-1234567890123456-02
test_both_traceparent_and_tracestate_missing | new | 
test_traceparent_duplicated | new | traceparent: 00-12345678901234567890123456789011-1234567890123456-01 && traceparent: 00-12345678901234567890123456789012-1234567890123456-01
test_traceparent_header_name | new | trace-parent: 00-12345678901234567890123456789012-1234567890123456-01
test_traceparent_header_name | new | trace.parent: 00-12345678901234567890123456789012-1234567890123456-01
test_traceparent_header_name_valid_casing | parent | TraceParent: 00-12345678901234567890123456789012-1234567890123456-01
test_traceparent_header_name_valid_casing | parent | TrAcEpArEnT: 00-12345678901234567890123456789012-1234567890123456-01
test_traceparent_header_name_valid_casing | parent | TRACEPARENT: 00-12345678901234567890123456789012-1234567890123456-01
test_traceparent_included_tracestate_missing | parent | traceparent: 00-12345678901234567890123456789012-1234567890123456-01
test_traceparent_ows_handling | parent | traceparent:  00-12345678901234567890123456789012-1234567890123456-01
test_traceparent_ows_handling | parent | traceparent: \t00-12345678901234567890123456789012-1234567890123456-01
test_traceparent_ows_handling | parent | traceparent: 00-12345678901234567890123456789012-1234567890123456-01 
test_traceparent_ows_handling | parent | traceparent: 00-12345678901234567890123456789012-1234567890123456-01\t
test_traceparent_ows_handling | parent | traceparent: \t 00-12345678901234567890123456789012-1234567890123456-01 \t
test_traceparent_parent_id_all_zero | new | traceparent: 00-12345678901234567890123456789012-0000000000000000-01
test_traceparent_parent_id_illegal_characters | new | traceparent: 00-12345678901234567890123456789012-.234567890123456-01
test_traceparent_parent_id_illegal_characters | new | traceparent: 00-12345678901234567890123456789012-123456789012345.-01
test_traceparent_parent_id_too_long | new | traceparent: 00-12345678901234567890123456789012-12345678901234567-01
test_traceparent_parent_id_too_short | new | traceparent: 00-12345678901234567890123456789012-123456789012345-01
test_traceparent_trace_flags_illegal_characters | new | traceparent: 00-12345678901234567890123456789012-1234567890123456-.0
test_traceparent_trace_flags_illegal_characters | new | traceparent: 00-12345678901234567890123456789012-1234567890123456-0.
test_traceparent_trace_flags_too_long | new | traceparent: 00-12345678901234567890123456789012-1234567890123456-001
test_traceparent_trace_flags_too_short | new | traceparent: 00-12345678901234567890123456789012-1234567890123456-1
test_traceparent_trace_id_all_zero | new | traceparent: 00-00000000000000000000000000000000-1234567890123456-01
test_traceparent_trace_id_illegal_characters | new | traceparent: 00-.2345678901234567890123456789012-1234567890123456-01
test_traceparent_trace_id_illegal_characters | new | traceparent: 00-1234567890123456789012345678901.-1234567890123456-01
test_traceparent_trace_id_too_long | new | traceparent: 00-123456789012345678901234567890123-1234567890123456-01
test_traceparent_trace_id_too_short | new | traceparent: 00-1234567890123456789012345678901-1234567890123456-01
test_traceparent_version_0x00 | new | traceparent: 00-12345678901234567890123456789012-1234567890123456-01.
test_traceparent_version_0x00 | new | traceparent: 00-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like
test_traceparent_version_0xcc | parent | traceparent: cc-12345678901234567890123456789012-1234567890123456-01
test_traceparent_version_0xcc | parent | traceparent: cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like
test_traceparent_version_0xcc | new | traceparent: cc-12345678901234567890123456789012-1234567890123456-01.what-the-future-will-be-like
test_traceparent_version_0xff | new | traceparent: ff-12345678901234567890123456789012-1234567890123456-01
test_traceparent_version_illegal_characters | new | traceparent: .0-12345678901234567890123456789012-1234567890123456-01
test_traceparent_version_illegal_characters | new | traceparent: 0.-12345678901234567890123456789012-1234567890123456-01
test_traceparent_version_too_long | new | traceparent: 000-12345678901234567890123456789012-1234567890123456-01
test_traceparent_version_too_long | new | traceparent: 0000-12345678901234567890123456789012-1234567890123456-01
test_traceparent_version_too_short | new | traceparent: 0-12345678901234567890123456789012-1234567890123456-01
test_tracestate_all_allowed_characters | both | traceparent: PARENT && tracestate: abcdefghijklmnopqrstuvwxyz0123456789_-*/= !\"#$%&'()*+-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~
test_tracestate_all_allowed_characters | both | traceparent: PARENT && tracestate: abcdefghijklmnopqrstuvwxyz0123456789_-*/@a-z0-9_-*/= !\"#$%&'()*+-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~
test_tracestate_duplicated_keys | level-2 | traceparent: PARENT && tracestate: foo=1,foo=1
test_tracestate_duplicated_keys | level-2 | traceparent: PARENT && tracestate: foo=1,foo=2
test_tracestate_duplicated_keys | level-2 | traceparent: PARENT && tracestate: foo=1 && tracestate: foo=1
test_tracestate_duplicated_keys | level-2 | traceparent: PARENT && tracestate: foo=1 && tracestate: foo=2
test_tracestate_empty_header | both | traceparent: PARENT && tracestate: 
test_tracestate_empty_header | both | traceparent: PARENT && tracestate: foo=1 && tracestate: 
test_tracestate_empty_header | both | traceparent: PARENT && tracestate:  && tracestate: foo=1
test_tracestate_header_name | parent | traceparent: PARENT && trace-state: foo=1
test_tracestate_header_name | parent | traceparent: PARENT && trace.state: foo=1
test_tracestate_header_name_valid_casing | both | traceparent: PARENT && TraceState: foo=1
test_tracestate_header_name_valid_casing | both | traceparent: PARENT && TrAcEsTaTe: foo=1
test_tracestate_header_name_valid_casing | both | traceparent: PARENT && TRACESTATE: foo=1
test_tracestate_included_traceparent_included | both | traceparent: PARENT && tracestate: foo=1,bar=2
test_tracestate_included_traceparent_missing | new | tracestate: foo=1
test_tracestate_included_traceparent_missing | new | tracestate: foo=1,bar=2
test_tracestate_key_illegal_characters | parent | traceparent: PARENT && tracestate: foo =1
test_tracestate_key_illegal_characters | parent | traceparent: PARENT && tracestate: FOO=1
test_tracestate_key_illegal_characters | parent | traceparent: PARENT && tracestate: foo.bar=1
test_tracestate_key_illegal_vendor_format | level-2 | traceparent: PARENT && tracestate: foo@=1,bar=2
test_tracestate_key_illegal_vendor_format | parent | traceparent: PARENT && tracestate: @foo=1,bar=2
test_tracestate_key_illegal_vendor_format | level-2 | traceparent: PARENT && tracestate: foo@@bar=1,bar=2
test_tracestate_key_illegal_vendor_format | level-2 | traceparent: PARENT && tracestate: foo@bar@baz=1,bar=2
test_tracestate_key_length_limit | both | traceparent: PARENT && tracestate: foo=1 && tracestate: Z256=1
test_tracestate_key_length_limit | parent | traceparent: PARENT && tracestate: foo=1 && tracestate: Z257=1
test_tracestate_key_length_limit | both | traceparent: PARENT && tracestate: foo=1 && tracestate: T241@V14=1
test_tracestate_key_length_limit | level-2 | traceparent: PARENT && tracestate: foo=1 && tracestate: T242@v=1
test_tracestate_key_length_limit | level-2 | traceparent: PARENT && tracestate: foo=1 && tracestate: t@V15=1
test_tracestate_member_count_limit | both | traceparent: PARENT && tracestate: bar01=01,bar02=02,bar03=03,bar04=04,bar05=05,bar06=06,bar07=07,bar08=08,bar09=09,bar10=10 && tracestate: bar11=11,bar12=12,bar13=13,bar14=14,bar15=15,bar16=16,bar17=17,bar18=18,bar19=19,bar20=20 && tracestate: bar21=21,bar22=22,bar23=23,bar24=24,bar25=25,bar26=26,bar27=27,bar28=28,bar29=29,bar30=30 && tracestate: bar31=31,bar32=32
test_tracestate_member_count_limit | parent | traceparent: PARENT && tracestate: bar01=01,bar02=02,bar03=03,bar04=04,bar05=05,bar06=06,bar07=07,bar08=08,bar09=09,bar10=10 && tracestate: bar11=11,bar12=12,bar13=13,bar14=14,bar15=15,bar16=16,bar17=17,bar18=18,bar19=19,bar20=20 && tracestate: bar21=21,bar22=22,bar23=23,bar24=24,bar25=25,bar26=26,bar27=27,bar28=28,bar29=29,bar30=30 && tracestate: bar31=31,bar32=32,bar33=33
test_tracestate_multiple_headers_different_keys | both | traceparent: PARENT && tracestate: foo=1,bar=2 && tracestate: rojo=1,congo=2 && tracestate: baz=3
test_tracestate_ows_handling | both | traceparent: PARENT && tracestate: foo=1 \t , \t bar=2, \t baz=3
test_tracestate_ows_handling | both | traceparent: PARENT && tracestate: foo=1\t \t,\t \tbar=2,\t \tbaz=3
test_tracestate_ows_handling | both | traceparent: PARENT && tracestate:  foo=1
test_tracestate_ows_handling | both | traceparent: PARENT && tracestate: \tfoo=1
test_tracestate_ows_handling | both | traceparent: PARENT && tracestate: foo=1 
test_tracestate_ows_handling | both | traceparent: PARENT && tracestate: foo=1\t
test_tracestate_ows_handling | both | traceparent: PARENT && tracestate: \t foo=1 \t
test_tracestate_value_illegal_characters | parent | traceparent: PARENT && tracestate: foo=bar=baz
test_tracestate_value_illegal_characters | parent | traceparent: PARENT && tracestate: foo=,bar=3
";

#[test]
fn the_harness_of_trace_context_finds_what_it_expects() {
    let cases: Vec<_> = CASES.lines().map(Case::parse).collect();

    for case in &cases {
        let sent = sent_upstream(&case.fields);

        let values = |headers: &HeaderMap, name: &str| -> Vec<HeaderValue> {
            headers.get_all(name).iter().cloned().collect()
        };
        for (name, is_kept) in [
            ("traceparent", case.keeps_parent),
            ("tracestate", case.keeps_state),
        ] {
            let expected = if is_kept {
                values(&case.fields, name)
            } else {
                Vec::new()
            };
            assert_eq!(
                values(&sent, name),
                expected,
                "{}: {:?}",
                case.name,
                case.fields
            );
        }
    }

    let mut names: Vec<_> = cases.iter().map(|case| case.name).collect();
    names.dedup();
    assert_eq!((names.len(), cases.len()), (41, 83));
}

struct Case {
    fields: HeaderMap,
    keeps_parent: bool,
    keeps_state: bool,
    name: &'static str,
}

impl Case {
    fn parse(line: &'static str) -> Self {
        let [name, outcome, fields] = line.splitn(3, " | ").collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let mut headers = HeaderMap::new();
        for field in fields.split(" && ").filter(|field| !field.is_empty()) {
            let (name, value) = field.split_once(": ").unwrap();
            let value = value.replace(
                "PARENT",
                "00-12345678901234567890123456789012-1234567890123456-00",
            );
            let value = [
                ("Z", 257),
                ("Z", 256),
                ("T", 242),
                ("T", 241),
                ("V", 15),
                ("V", 14),
            ]
            .into_iter()
            .fold(value, |value, (letter, count)| {
                let long = letter.to_lowercase().repeat(count);
                value.replace(&format!("{letter}{count}"), &long)
            });
            // A parser of HTTP leaves space around a value out: RFC 9110, section 5.5.
            let value = HeaderValue::from_str(value.trim_matches([' ', '\t'])).unwrap();
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
        }
        Self {
            fields: headers,
            keeps_parent: outcome != "new",
            keeps_state: matches!(outcome, "both" | "level-2"),
            name,
        }
    }
}

/// What an upstream gets that a handler calls for a request with these fields.
fn sent_upstream(fields: &HeaderMap) -> HeaderMap {
    let client = service_fn(async |request: Request<()>| {
        Ok::<_, Infallible>(Response::new(request.headers().clone()))
    });
    let client = PropagateCorrelationIdLayer::new().layer(client);
    let handler = service_fn(move |_: Request<()>| client.clone().call(Request::new(())));
    let mut request = Request::new(());
    request.headers_mut().clone_from(fields);
    let response = block_on(CorrelationIdLayer::new().layer(handler).oneshot(request));
    response.unwrap().into_body().into_inner()
}
