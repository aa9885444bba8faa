//! The bodies of ours say of the inner body what it says of itself.

use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use static_assertions::{assert_impl_all, assert_not_impl_any};
use tokio_test::block_on;
use tower::util::ServiceFn;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_edge::ResponseBody;
use tower_edge::timeout::TimeoutBody;

use crate::contract::layers;
use crate::contract::layers::request;
use crate::contract::size_hints::{HintedBody, hint};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_body_with_time_limits_says_what_the_inner_body_says() {
    assert_forwards(layers::upstream_timeout());
    assert_forwards(
        layers::upstream_timeout()
            .with_idle(SECOND)
            .with_total(SECOND),
    );
}

#[test]
fn the_body_that_has_passed_an_envelope_says_what_the_inner_body_says() {
    assert_forwards(layers::envelope());
}

#[test]
fn the_body_that_has_a_context_says_what_the_inner_body_says() {
    assert_forwards(
        ServiceBuilder::new()
            .layer(layers::correlation_id())
            .layer(layers::envelope()),
    );
}

#[test]
fn bodies_in_bodies_say_what_the_innermost_says() {
    assert_forwards(
        ServiceBuilder::new()
            .layer(layers::envelope())
            .layer(layers::envelope())
            .layer(layers::upstream_timeout()),
    );
}

#[test]
fn a_body_has_a_default_that_is_over_even_where_the_inner_body_has_none() {
    assert_not_impl_any!(HintedBody: Default);
    assert_impl_all!(TimeoutBody<HintedBody>: Default);
    assert_impl_all!(ResponseBody<HintedBody>: Default);

    assert_eq!(
        hint(&TimeoutBody::<HintedBody>::default()),
        (0, Some(0), true)
    );
    assert_eq!(
        hint(&ResponseBody::<HintedBody>::default()),
        (0, Some(0), true)
    );
}

/// Reads each body that the layer hands on beside one that it has not seen, frame by frame.
#[track_caller]
fn assert_forwards<L, S, B>(layer: L)
where
    L: Layer<Giving, Service = S>,
    S: Service<Request<usize>, Response = Response<B>, Error = Infallible>,
    B: Body<Data = Bytes, Error: fmt::Debug>,
{
    for (number, bare) in HintedBody::all().into_iter().enumerate() {
        let service = layer.layer(service_fn(give as Give));
        let Ok(response) = block_on(service.oneshot(request(number)));
        let mut ours = std::pin::pin!(response.into_body());
        let mut bare = std::pin::pin!(bare);

        loop {
            assert_eq!(hint(&*ours), hint(&*bare), "body {number}");
            let frames = block_on(async { (ours.frame().await, bare.frame().await) });
            let (Some(frame), Some(given)) = frames else {
                assert!(frames.0.is_none() && frames.1.is_none(), "body {number}");
                break;
            };
            let (frame, given) = (frame.unwrap(), given.unwrap());
            assert_eq!(frame.data_ref(), given.data_ref(), "body {number}");
            assert_eq!(frame.trailers_ref(), given.trailers_ref(), "body {number}");
        }
    }
}

type Give = fn(Request<usize>) -> Ready<Result<Response<HintedBody>, Infallible>>;
type Giving = ServiceFn<Give>;

/// Responds with the body of the number in the request.
fn give(request: Request<usize>) -> Ready<Result<Response<HintedBody>, Infallible>> {
    ready(Ok(Response::new(
        HintedBody::all().swap_remove(request.into_body()),
    )))
}
