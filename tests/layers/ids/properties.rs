//! What holds of every id and every trace context.

use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use tower_edge::correlation_id::{
    AcceptedIds, CorrelationId, GenerateId, Ids, TraceContext, TraceParent,
};

proptest! {
    #[test]
    fn an_id_is_written_as_it_is_read(text in "[!#-+\\--;=?-\\[\\]-~]{1,200}") {
        let read: CorrelationId = text.parse().unwrap();

        prop_assert_eq!(read.to_string(), text);
        prop_assert_eq!(CorrelationId::parse(read.header_value()), Some(read));
    }

    #[test]
    fn a_number_is_read_back_from_its_id(number: u128) {
        let id = CorrelationId::from_u128(number);

        prop_assert_eq!(u128::from_str_radix(id.as_str(), 16), Ok(number));
    }

    #[test]
    fn bytes_are_an_id_by_both_ways_or_by_none(
        bytes in prop::collection::vec(prop_oneof![8 => b'!'..=b'~', 1 => 0x80_u8..], 0..210),
    ) {
        let value = HeaderValue::from_bytes(&bytes).unwrap();

        prop_assert_eq!(CorrelationId::parse(&value), CorrelationId::new(bytes).ok());
    }

    #[test]
    fn a_stricter_set_accepts_nothing_that_a_wider_one_does_not(text in "[!-~]{0,210}") {
        let value = HeaderValue::from_str(&text).unwrap();
        let [strict, default, all] = [AcceptedIds::Strict, AcceptedIds::Default, AcceptedIds::All]
            .map(|set| set.parse(&value).is_ok());

        prop_assert!(strict <= default && default <= all);
    }

    #[test]
    fn a_parent_is_written_as_it_is_read(trace in 1_u128.., parent in 1_u64.., flags: u8) {
        let text = format!("00-{trace:032x}-{parent:016x}-{flags:02x}");
        let read = TraceParent::parse(&text.parse().unwrap()).unwrap();

        prop_assert_eq!(read.to_string(), text);
        prop_assert_eq!((read.trace_id(), read.parent_id()), (trace, parent));
    }

    #[test]
    fn a_context_is_what_is_left_when_the_invalid_is_removed(
        parent in "(00|cc|ff)-[0-9a-f]{31,32}-[0-9a-f]{16}-0[01](-x)?",
        states in prop::collection::vec("[a-c@]{1,3}=[ab =,]{0,6}", 0..3),
    ) {
        let mut received = HeaderMap::new();
        received.insert("traceparent", parent.parse().unwrap());
        for state in states {
            received.append("tracestate", state.parse().unwrap());
        }

        let mut sent = HeaderMap::new();
        if let Some(context) = TraceContext::from_headers(&received) {
            context.write_to(&mut sent);
        }
        TraceContext::remove_invalid(&mut received);

        prop_assert_eq!(sent, received);
    }

    #[test]
    fn an_id_of_any_format_and_prefix_is_read_back(
        prefix in "[a-z_]{1,164}",
        ids in prop::sample::select(vec![Ids::hex(), Ids::uuid_v4(), Ids::uuid_v7()]),
    ) {
        let id = ids.with_prefix(prefix.clone()).unwrap().generate();

        prop_assert_eq!(id.as_str().parse::<CorrelationId>(), Ok(id.clone()));
        prop_assert!(id.as_str().starts_with(&prefix));
    }
}
