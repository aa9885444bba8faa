//! What layers for request ids get wrong, a test for each: named after the trap, so that a list of
//! them is a list of what holds. Some have more tests beside these; two stand where they can be seen:
//! trap 11, the field that browsers hide, in the gateway's tests of CORS, and trap 13, a copy of the
//! process, beside the generator.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::Empty;
use tokio_test::block_on;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_edge::client::correlation_id::PropagateCorrelationIdLayer;
use tower_edge::correlation_id::{
    CorrelationId, CorrelationIdLayer, RequestContext, in_current_context,
};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::{Kind, Problem};
use tower_edge_formats::MediaNest;

use crate::ids::ask::{ask, ask_for};

fn layer() -> CorrelationIdLayer {
    CorrelationIdLayer::new()
}

#[test]
fn trap_1_a_hostile_id_is_not_echoed() {
    let flood = [b'a'; 60_000];
    for hostile in [
        b"a\tlevel=ERROR msg=\"forged\"".as_slice(),
        &flood,
        b"",
        b"\xff\xfe",
        b"a b",
        b"<script>",
    ] {
        for name in ["x-correlation-id", "x-request-id"] {
            ask(&layer(), &[(name, hostile)]).assert_made();
        }
    }
}

#[test]
fn trap_2_an_id_that_comes_twice_is_none() {
    for (one, two) in [(b"a", b"b"), (b"a", b"a")] {
        let fields = [("x-request-id", one.as_slice()), ("x-request-id", two)];

        ask(&layer(), &fields).assert_made();
    }
}

#[test]
fn trap_3_one_layer_takes_hands_on_and_echoes() {
    let response = ask(&layer(), &[("x-request-id", b"req_1")]);

    assert_eq!(response.id(), "req_1");
    assert_eq!(response.seen.unwrap().id, "req_1");
}

#[test]
fn trap_4_the_id_of_an_inner_service_does_not_win() {
    let inner = [
        ("x-correlation-id", b"theirs".as_slice()),
        ("x-correlation-id", b"again"),
    ];
    let inner: &'static [_] = Box::leak(Box::new(inner));

    assert_eq!(
        ask_for(&layer(), &[("x-correlation-id", b"ours")], inner).id(),
        "ours"
    );
}

#[test]
fn trap_5_an_error_has_a_response_with_the_id() {
    let service = ServiceBuilder::new()
        .layer(layer())
        .layer(EnvelopeLayer::new(MediaNest))
        .service(service_fn(async |_: Request<()>| {
            // An error that is made far from the request knows the id too.
            let id = CorrelationId::current().map(|id| id.to_string());
            let problem = Problem::new(Kind::Internal).with_source(id.unwrap_or_default());
            Err::<Response<Empty<Bytes>>, _>(problem)
        }));
    let request = Request::get("/").header("x-correlation-id", "req_1");

    let response = block_on(service.oneshot(request.body(()).unwrap())).unwrap();

    assert_eq!(response.status(), 500);
    assert_eq!(response.headers()["x-correlation-id"], "req_1");
    let problem = response.extensions().get::<Problem>().unwrap();
    let source = std::error::Error::source(problem).unwrap();
    assert_eq!(source.to_string(), "req_1");
}

#[tokio::test]
async fn trap_6_the_id_survives_a_spawn() {
    let mut context = RequestContext::new(Some(CorrelationId::from_u128(7)), None);

    let task =
        context.enter(|| tokio::spawn(in_current_context(async { CorrelationId::current() })));

    assert_eq!(task.await.unwrap(), Some(CorrelationId::from_u128(7)));
}

#[test]
fn trap_7_the_ids_of_others_are_taken() {
    for id in [
        "req_abc123xyz",
        "9b2f0c7e4a1d4f7e8a3b5c6d7e8f9a0b",
        "123e4567-e89b-12d3-a456-426614174000",
        "Root=1-67891233-abcdef012345678912345678",
        "host/rand10-000001",
        "e2ba1b3a-2d3c-4c1b-9d8d-6a8f2b1b1c1d#25",
        "ZcX@n8AAQEAAD4pAFsAAAAH",
        "|4bf92f3577b34da6a3ce929d0e0e4736.00f067aa_1.2.",
        "105445aa7843bc8bf206b12000100000/1;o=1",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "dGVzdA==",
        "a",
    ] {
        assert_eq!(ask(&layer(), &[("x-request-id", id.as_bytes())]).id(), id);
    }
}

#[test]
fn trap_8_a_stranger_cannot_take_the_id_of_somebody_else() {
    let layer = layer().with_trust(|_| false);

    let responses = [(); 2].map(|()| ask(&layer, &[("x-correlation-id", b"victim")]));

    assert_ne!(responses[0].id(), responses[1].id());
    for response in responses {
        response.assert_made();
        assert_eq!(response.seen.unwrap().client_id.as_deref(), Some("victim"));
    }
}

#[test]
fn trap_9_an_id_that_is_taken_is_not_rewritten() {
    for id in ["ABC-def", "123E4567-E89B-12D3-A456-426614174000", "a..b//c"] {
        let response = ask(&layer(), &[("x-correlation-id", id.as_bytes())]);

        assert_eq!(response.id(), id);
        assert_eq!(response.seen.unwrap().id, id);
    }
}

#[test]
fn trap_10_third_parties_get_no_id() {
    let sent_fields = service_fn(async |request: Request<()>| {
        Ok::<_, Infallible>(request.into_parts().0.headers)
    });
    let layer = PropagateCorrelationIdLayer::new()
        .with_targets(|request| request.uri.host() == Some("ours.internal"));
    let mut context = RequestContext::new(Some(CorrelationId::from_u128(7)), None);
    let mut sent = |uri| -> HeaderMap {
        let request = Request::get(uri).body(()).unwrap();
        block_on(context.enter(|| layer.layer(sent_fields).call(request))).unwrap()
    };

    assert!(sent("http://ours.internal/").contains_key("x-correlation-id"));
    assert!(sent("http://theirs.example/").is_empty());
}

#[test]
fn trap_12_ids_do_not_count_requests() {
    let made = || u128::from_str_radix(ask(&layer(), &[]).id(), 16).unwrap();

    for _ in 0..100 {
        let (one, next) = (made(), made());
        let differing = (one ^ next).count_ones();
        assert!((24..=104).contains(&differing), "{one:x} {next:x}");
    }
}
