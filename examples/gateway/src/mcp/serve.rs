use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, StatusCode};
use serde_json::value::RawValue;
use tower_edge::Problem;
use tower_edge::axum::JsonBytes;
use tower_edge::envelope::{Context, JsonRpcId};
use tower_edge::rate_limit::RateLimitHandle;
use tower_edge_formats::mcp::McpFields;
use tower_edge_formats::routermcp;

use super::message::{Message, invalid_request, response};
use super::modern::json;
use super::{is_modern, methods, modern};
use crate::routes::Api;
use crate::upstream::UpstreamFields;

/// Answers one message, or a batch of them.
///
/// A body that cannot be read at all is a problem for the envelope; all that goes wrong with a
/// message is answered here, since a batch mixes results and errors.
pub(crate) async fn serve(
    State(api): State<Api>,
    fields: HeaderMap,
    upstream: UpstreamFields,
    limits: Option<Extension<RateLimitHandle>>,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Problem> {
    if is_modern(&McpFields::from(&fields)) {
        return modern::serve(&api, &upstream, &fields, &body).await;
    }
    if let Some(rejected) = modern::other_version(&api, &fields, &body) {
        return Ok(rejected);
    }
    let server = Server { api, upstream };
    let response = match serde_json::from_slice::<Vec<&RawValue>>(&body) {
        Ok(messages) if messages.is_empty() || messages.len() > MAX_BATCH => {
            Some(server.error(&invalid_request(), &JsonRpcId::null()))
        }
        Ok(messages) => {
            let messages = messages.iter().map(|message| Message::read(message.get()));
            let messages: Vec<_> = messages.collect();
            if let Some(Extension(limits)) = limits {
                charge(&limits, &messages).await?;
            }
            server.batch(messages).await
        }
        Err(_) => match serde_json::from_slice::<&RawValue>(&body) {
            Ok(message) => server.answer(Message::read(message.get())).await,
            Err(_) => {
                let problem = Problem::from(&routermcp::PARSE_ERROR);
                Some(server.error(&problem, &JsonRpcId::null()))
            }
        },
    };
    Ok(match response {
        Some(response) => json(StatusCode::OK, response),
        None => StatusCode::ACCEPTED.into_response(),
    })
}

/// Charges what the requests of a batch cost: one each, whatever their method is.
///
/// What the post has paid is given back first. A batch that is rejected costs nothing then, and the wait that its client
/// is sent is the one after which the whole batch is allowed.
async fn charge(limits: &RateLimitHandle, messages: &[Message]) -> Result<(), Problem> {
    let is_request = |message: &&Message| matches!(message, Message::Request { .. });
    let requests = u32::try_from(messages.iter().filter(is_request).count());
    let requests = requests.unwrap_or(u32::MAX);
    // For one the post has paid.
    if requests > 1 {
        limits.refund(1).await?;
        limits.acquire(requests).await?;
    }
    Ok(())
}

/// What answers the messages of one HTTP request.
struct Server {
    api: Api,
    upstream: UpstreamFields,
}

impl Server {
    /// The answers, in the order of their messages; `None` where there are none.
    async fn batch(&self, messages: Vec<Message>) -> Option<Vec<u8>> {
        let answers = stream::iter(messages).map(|message| self.answer(message));
        let answers: Vec<_> = answers.buffered(MAX_AT_ONCE).collect().await;
        let answers: Vec<_> = answers.into_iter().flatten().collect();
        let body = [b"[", &*answers.join(&b','), b"]"].concat();
        (!answers.is_empty()).then_some(body)
    }

    /// The answer to a message; `None` where there is none.
    async fn answer(&self, message: Message) -> Option<Vec<u8>> {
        let (id, result) = match message {
            Message::Silent => return None,
            Message::Invalid { id } => (id, Err(invalid_request())),
            Message::Request { id, method, params } => {
                let result = methods::call(&self.api, &self.upstream, &method, params.as_deref());
                (id, result.await)
            }
        };
        Some(match result {
            Ok(result) => response(&id, &result),
            Err(problem) => self.error(&problem, &id),
        })
    }

    fn error(&self, problem: &Problem, id: &JsonRpcId) -> Vec<u8> {
        let mut out = Vec::new();
        let context = Context::default().with_exposure(self.api.exposure);
        routermcp::RPC.error(problem, id, &context, &mut out);
        out
    }
}

/// Each message may cost a call upstream.
const MAX_BATCH: usize = 100;
/// So many calls of one batch are made together.
const MAX_AT_ONCE: usize = 8;
