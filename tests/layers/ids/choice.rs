//! Which id a request goes by.

use http::HeaderName;
use tower_edge::correlation_id::{
    AcceptedIds, CorrelationId, CorrelationIdLayer, Ids, InvalidCorrelationId,
};

use crate::ids::ask::{TestResponse, ask};

const PARENT: &[u8] = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn layer() -> CorrelationIdLayer {
    CorrelationIdLayer::new()
}

#[test]
fn fields_are_read_in_their_order_and_the_first_valid_one_counts() {
    let names = ["x-second", "x-third"].map(HeaderName::from_static);
    let layer = layer()
        .with_aliases(names)
        .with_header(HeaderName::from_static("x-first"));

    for (fields, chosen) in [
        ([("x-third", b"3".as_slice()), ("x-second", b"2")], "2"),
        ([("x-second", b"2"), ("x-first", b"1")], "1"),
        ([("x-first", b"not valid"), ("x-third", b"3")], "3"),
    ] {
        let response = ask(&layer, &fields);

        assert_eq!(response.field("x-first"), Some(chosen));
        assert_eq!(response.seen.unwrap().id, chosen);
    }
    let unread = ask(&layer, &[("x-request-id", b"unread")]);
    assert_ne!(unread.field("x-first"), Some("unread"));
}

#[test]
fn both_usual_fields_are_read_whichever_is_written() {
    for name in ["x-request-id", "x-trace"] {
        let layer = layer().with_header(HeaderName::from_static(name));

        for read in [name, "x-correlation-id", "x-request-id"] {
            assert_eq!(ask(&layer, &[(read, b"own")]).field(name), Some("own"));
        }
    }
    let request_id = layer().with_header(HeaderName::from_static("x-request-id"));
    let both = [
        ("x-correlation-id", b"c".as_slice()),
        ("x-request-id", b"r"),
    ];
    assert_eq!(ask(&request_id, &both).field("x-request-id"), Some("r"));
}

#[test]
fn a_layer_without_aliases_reads_its_own_field_alone() {
    let layer = layer().with_aliases([]);

    ask(&layer, &[("x-request-id", b"other")]).assert_made();
    assert_eq!(ask(&layer, &[("x-correlation-id", b"own")]).id(), "own");
}

#[test]
fn an_id_that_is_not_accepted_is_not_valid() {
    let layer = layer().with_accepted_ids(AcceptedIds::Strict);
    let fields = [
        ("x-correlation-id", b"Root=1".as_slice()),
        ("x-request-id", b"req_1"),
    ];

    assert_eq!(ask(&layer, &fields).id(), "req_1");
    ask(&layer, &fields[..1]).assert_made();
}

#[test]
fn an_id_that_is_not_trusted_is_kept_for_logs() {
    let fields = [("x-correlation-id", b"theirs".as_slice())];

    let response = ask(&layer().with_trust(|_| false), &fields);

    response.assert_made();
    assert_eq!(response.seen.unwrap().client_id.as_deref(), Some("theirs"));
}

#[test]
fn trust_may_depend_on_the_request() {
    let layer = layer().with_trust(|request| request.headers.contains_key("x-from-our-proxy"));
    let id = ("x-correlation-id", b"given".as_slice());

    let trusted = ask(&layer, &[id, ("x-from-our-proxy", b"1")]);
    let stranger = ask(&layer, &[id]);

    assert_eq!(trusted.id(), "given");
    assert_eq!(trusted.seen.unwrap().client_id, None);
    stranger.assert_made();
}

#[test]
fn an_id_that_is_not_valid_is_no_clients_id_either() {
    let response = ask(&layer().with_trust(|_| false), &[("x-request-id", b"a\tb")]);

    response.assert_made();
    assert_eq!(response.seen.unwrap().client_id, None);
}

#[test]
fn a_closure_gets_the_first_field_that_is_not_valid_and_the_reason() {
    let layer = layer().on_invalid_id(|_, header, reason| match (header.as_str(), reason) {
        ("x-correlation-id", InvalidCorrelationId::Byte(b'\t')) => "byte".parse().ok(),
        ("x-correlation-id", InvalidCorrelationId::Empty) => "empty".parse().ok(),
        ("x-correlation-id", InvalidCorrelationId::TooLong(201)) => "long".parse().ok(),
        ("x-request-id", InvalidCorrelationId::Repeated) => "repeated".parse().ok(),
        _ => None,
    });
    let long = [b'a'; 201];
    let twice = ("x-request-id", b"a".as_slice());

    for (fields, id) in [
        (
            [("x-correlation-id", b"a\tb".as_slice())].as_slice(),
            "byte",
        ),
        (&[("x-correlation-id", b"")], "empty"),
        (&[("x-correlation-id", &long)], "long"),
        (&[twice, twice], "repeated"),
        (
            &[("x-request-id", b"a b"), ("x-correlation-id", b"c\td")],
            "byte",
        ),
    ] {
        let response = ask(&layer, fields);

        assert_eq!(response.id(), id);
        assert_eq!(response.seen.unwrap().id, id);
    }
    ask(&layer, &[("x-request-id", b"a b")]).assert_made();
}

#[test]
fn the_closure_is_not_called_for_a_valid_id_none_or_a_request_that_is_not_trusted() {
    let never = |layer: CorrelationIdLayer| {
        layer.on_invalid_id(|_, _, reason| panic!("called for {reason:?}"))
    };

    ask(&never(layer()), &[]).assert_made();
    let mixed = [
        ("x-correlation-id", b"a b".as_slice()),
        ("x-request-id", b"valid"),
    ];
    assert_eq!(ask(&never(layer()), &mixed).id(), "valid");
    let stranger = never(layer().with_trust(|_| false));
    ask(&stranger, &mixed[..1]).assert_made();
}

#[test]
fn the_request_is_rewritten_to_the_id_that_counts_if_the_layer_is_set_to() {
    let fields = [
        ("x-correlation-id", b"not valid".as_slice()),
        ("x-correlation-id", b"twice"),
        ("x-request-id", b"valid"),
        ("x-other", b"other"),
    ];
    let values = |response: &TestResponse, name| -> Vec<_> {
        let headers = &response.seen.as_ref().unwrap().headers;
        let values = headers.get_all(name).iter();
        values
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    };

    let by_default = ask(&layer(), &fields);
    let rewritten = ask(&layer().with_rewritten_request(), &fields);
    let replaced = ask(&layer().with_rewritten_request(), &fields[..2]);

    assert_eq!(
        values(&by_default, "x-correlation-id"),
        ["not valid", "twice"]
    );
    assert_eq!(values(&rewritten, "x-correlation-id"), ["valid"]);
    assert_eq!(values(&rewritten, "x-request-id"), ["valid"]);
    assert_eq!(values(&rewritten, "x-other"), ["other"]);
    assert_eq!(values(&replaced, "x-correlation-id"), [replaced.id()]);
    assert!(values(&replaced, "x-request-id").is_empty());
}

#[test]
fn the_id_is_in_the_extensions_of_the_response_if_the_layer_is_set_to() {
    let fields = [("x-correlation-id", b"req_1".as_slice())];

    let with = ask(&layer().with_response_extension(), &fields);
    let without = ask(&layer(), &fields);

    assert_eq!(with.extension, "req_1".parse().ok());
    assert_eq!(without.extension, None);
}

#[test]
fn the_trace_id_is_the_id_where_no_field_has_one() {
    let layer = layer().with_trace_id();
    let parent = ("traceparent", PARENT);

    assert_eq!(
        ask(&layer, &[parent]).id(),
        "0af7651916cd43dd8448eb211c80319c"
    );
    assert_eq!(ask(&layer, &[parent, ("x-request-id", b"own")]).id(), "own");
    for bad in [[parent, parent].as_slice(), &[("traceparent", b"00-bad")]] {
        let response = ask(&layer, bad);
        response.assert_made();
        assert_ne!(response.id(), "0af7651916cd43dd8448eb211c80319c");
    }
    assert_ne!(
        ask(&CorrelationIdLayer::new(), &[parent]).id(),
        "0af7651916cd43dd8448eb211c80319c"
    );
}

#[test]
fn an_id_is_made_by_the_generator_of_the_layer() {
    let ids = Ids::uuid_v4().with_prefix("req_").unwrap();

    let prefixed = ask(&layer().with_generator(ids), &[]);
    let own = ask(&layer().with_generator(|| CorrelationId::from_u128(7)), &[]);

    assert!(prefixed.id().starts_with("req_"), "{prefixed:?}");
    assert_eq!(prefixed.id().len(), 40);
    assert_eq!(own.id(), "00000000000000000000000000000007");
}
