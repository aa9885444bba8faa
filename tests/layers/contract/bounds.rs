//! What a layer asks of the inner service, and what it promises where the inner service has it.

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use static_assertions::assert_not_impl_any;
use tokio_test::block_on;
use tower::{Layer, Service, ServiceExt};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge_formats::PlexMcp;

use crate::contract::layers;
use crate::contract::layers::request;
use crate::contract::probe::{Payload, Probe};
use crate::contract::size_hints::HintedBody;

#[test]
fn layers_services_and_futures_may_be_shared_between_threads_and_shown() {
    each_layer!(|name, layer| {
        let (probe, _) = Probe::that_responds();
        let mut service = layer.layer(probe);

        let call = block_on(ServiceExt::<Request<()>>::ready(&mut service))
            .unwrap()
            .call(request(()));

        let shown = shown_and_shared(&layer);
        assert!(shown.contains("Layer") || shown.contains("Edge"), "{name}");
        assert!(shown_and_shared(&service).contains("Probe"), "{name}");
        assert!(shown_and_shared(&call).contains("Future"), "{name}");
    });
}

#[test]
fn layers_and_services_are_clones_of_one_another() {
    each_layer!(|name, layer| {
        let (probe, log) = Probe::that_responds();
        let service = cloned(&cloned(&layer).layer(probe));

        let response = block_on(service.oneshot(request(()))).unwrap();

        assert_eq!(
            (response.status(), log.calls()),
            (StatusCode::OK, 1),
            "{name}"
        );
    });
}

#[test]
fn no_layer_but_a_rate_limit_asks_the_inner_service_to_be_a_clone() {
    assert_not_impl_any!(Humble: Clone, Debug, Send, Sync);
    each_lean_gate!(|name, layer| {
        assert_eq!(response_of_humble(layer), StatusCode::OK, "{name}");
    });
    assert_eq!(response_of_humble(layers::envelope()), StatusCode::OK);
}

#[test]
fn a_rate_limit_asks_for_a_clone_and_no_more() {
    assert_not_impl_any!(Modest: Debug, Send, Sync);
    for layer in [layers::rate_limit_now(), layers::rate_limit_later()] {
        let served = Rc::default();

        let service = layer.layer(Modest(Rc::clone(&served)));
        let response = block_on(service.oneshot(request(Bound::default()))).unwrap();

        assert_eq!((response.status(), served.get()), (StatusCode::OK, 1));
    }
}

// They have a body of their own, which is empty without the inner one.
#[test]
fn only_gates_that_refuse_ask_the_inner_body_for_a_default() {
    assert_not_impl_any!(HintedBody: Default);
    let inner = || {
        tower::service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(HintedBody::all().swap_remove(0)))
        })
    };

    assert!(
        block_on(
            layers::upstream_timeout()
                .layer(inner())
                .oneshot(request(()))
        )
        .is_ok()
    );
    assert!(block_on(layers::envelope().layer(inner()).oneshot(request(()))).is_ok());
}

#[test]
fn an_envelope_whose_format_is_shared_behind_a_pointer_may_be_shared_itself() {
    type Shared = std::sync::Arc<dyn tower_edge::envelope::Format + Send + Sync>;
    let layer = EnvelopeLayer::new(Shared::from(std::sync::Arc::new(PlexMcp) as Shared));
    let (probe, log) = Probe::that_responds();

    let service = layer.layer(probe);

    fn shared<T: Clone + Send + Sync + 'static>(value: T) -> T {
        value
    }
    block_on(shared(service).oneshot(request(()))).unwrap();
    assert_eq!(log.calls(), 1);
}

fn response_of_humble<L, B>(layer: L) -> StatusCode
where
    L: Layer<Humble>,
    L::Service: Service<Request<Bound>, Response = Response<B>, Error: Debug>,
{
    let service = layer.layer(Humble(Rc::default()));
    block_on(service.oneshot(request(Bound::default())))
        .unwrap()
        .status()
}

fn cloned<T: Clone>(value: &T) -> T {
    value.clone()
}

fn shown_and_shared<T: Debug + Send + Sync + 'static>(value: &T) -> String {
    format!("{value:?}")
}

/// An inner service that is nothing but a service, and bound to its thread.
struct Humble(Rc<Cell<u32>>);

/// An inner service that is a clone too.
#[derive(Clone)]
struct Modest(Rc<Cell<u32>>);

/// A request body that is bound to its thread.
#[derive(Default)]
struct Bound(#[expect(dead_code, reason = "it takes Send away")] Rc<()>);

/// A future that is bound to its thread and has to be pinned.
type Local = Pin<Box<dyn Future<Output = Result<Response<Payload>, Infallible>>>>;

impl Service<Request<Bound>> for Humble {
    type Response = Response<Payload>;
    type Error = Infallible;
    type Future = Local;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Bound>) -> Local {
        serve(&self.0)
    }
}

impl Service<Request<Bound>> for Modest {
    type Response = Response<Payload>;
    type Error = Infallible;
    type Future = Local;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Bound>) -> Local {
        serve(&self.0)
    }
}

fn serve(served: &Rc<Cell<u32>>) -> Local {
    let served = served.clone();
    Box::pin(async move {
        served.set(served.get() + 1);
        Ok(Response::new(Payload(7)))
    })
}
