//! The service `edge.Echo`, written by hand: its messages are strings, so that nothing is generated.

use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::server::{Grpc, NamedService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

/// Gives back what it is told. A `String` is a `google.protobuf.StringValue` to prost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = "edge.Echo";
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<String, String>::default());
            Ok(match request.uri().path() {
                SAY | LIMITED => grpc.unary(service_fn(say), request).await,
                SLOW => grpc.unary(service_fn(slow), request).await,
                PANIC => grpc.unary(service_fn(panics), request).await,
                _ => Status::unimplemented("No such method").into_http(),
            })
        })
    }
}

async fn say(request: Request<String>) -> Result<Response<String>, Status> {
    Ok(Response::new(request.into_inner()))
}

/// An upstream that never answers.
async fn slow(_: Request<String>) -> Result<Response<String>, Status> {
    pending().await
}

/// A method with a mistake in it, whose text no client is told.
#[expect(clippy::panic, reason = "it stands for a mistake")]
async fn panics(_: Request<String>) -> Result<Response<String>, Status> {
    panic!("a secret of the service")
}

/// The path of the method that only so many calls in so long are for.
pub(crate) const LIMITED: &str = "/edge.Echo/Limited";
const PANIC: &str = "/edge.Echo/Panic";
const SAY: &str = "/edge.Echo/Say";
const SLOW: &str = "/edge.Echo/Slow";
