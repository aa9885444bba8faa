//! The methods of `edge.Echo`.

use std::pin::Pin;

use tokio_stream::{Stream, iter};
use tonic::{Request, Response, Status, Streaming};
use tower_edge::client::decode::RemoteProblem;
use tower_edge::envelope::problem_of;
use tower_edge::{Kind, Problem};

use crate::proto::echo_server::Echo;
use crate::upstream::Upstream;

/// A `google.protobuf.StringValue` is a `String` in the generated code.
pub(crate) struct EchoService {
    pub(crate) upstream: Upstream,
}

type Unary = Result<Response<String>, Status>;

#[tonic::async_trait]
impl Echo for EchoService {
    async fn say(&self, request: Request<String>) -> Unary {
        Ok(Response::new(request.into_inner()))
    }

    async fn limited(&self, request: Request<String>) -> Unary {
        Ok(Response::new(request.into_inner()))
    }

    async fn slow(&self, request: Request<String>) -> Unary {
        let response = self.upstream.clone().hang(request.into_inner()).await;
        Ok(Response::new(response.map_err(problem)?.into_inner()))
    }

    #[expect(clippy::panic, reason = "it stands for a mistake")]
    async fn panic(&self, _: Request<String>) -> Unary {
        panic!("a secret of the service")
    }

    async fn relay(&self, request: Request<String>) -> Unary {
        let response = self.upstream.clone().fetch(request.into_inner()).await;
        Ok(Response::new(response.map_err(problem)?.into_inner()))
    }

    type SplitStream = Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;

    async fn split(&self, request: Request<String>) -> Result<Response<Self::SplitStream>, Status> {
        let message = request.into_inner();
        let words: Vec<_> = message
            .split_whitespace()
            .map(|word| Ok(word.to_owned()))
            .collect();
        Ok(Response::new(Box::pin(iter(words))))
    }

    type ChatStream = Streaming<String>;

    async fn chat(
        &self,
        request: Request<Streaming<String>>,
    ) -> Result<Response<Self::ChatStream>, Status> {
        Ok(Response::new(request.into_inner()))
    }
}

/// The problem of our client in an error of the upstream, which is not its client. What the upstream does not find, our
/// client has requested.
fn problem(status: Status) -> Problem {
    match RemoteProblem::from_status(&status) {
        Some(remote) if remote.kind() != Kind::NotFound => remote.into(),
        _ => problem_of(status),
    }
}
