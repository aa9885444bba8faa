use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, StatusCode};
use serde_json::value::RawValue;
use tower_edge::Problem;
use tower_edge::envelope::{Context, JsonRpcId};
use tower_edge::rate_limit::RateLimitHandle;
use tower_edge_formats::mcp::McpFields;
use tower_edge_formats::routermcp;

use super::message::{Message, invalid_request};
use super::{is_modern, methods, modern};
use crate::json_body;
use crate::json_body::json;
use crate::routes::Api;
use crate::upstream::Call;

/// Answers one message, or a batch of them.
///
/// A body that cannot be read at all is a problem for the envelope; all that goes wrong with a
/// message is answered here, since a batch mixes results and errors.
pub(crate) async fn serve(State(api): State<Api>, request: Request) -> Result<Response, Problem> {
    // What of the request goes upstream is the same for every tool that it calls.
    let headers = Call::new(String::new(), &request).into_headers();
    let limits = request.extensions().get().cloned();
    let fields = request.headers().clone();
    let body = json_body::read(request.map(Body::new)).await?;
    if is_modern(&McpFields::from(&fields)) {
        return modern::serve(&api, &headers, &fields, &body).await;
    }
    if let Some(rejected) = modern::other_version(&api, &fields, &body) {
        return Ok(rejected);
    }
    let server = Server {
        api,
        headers,
        limits,
    };
    Ok(match serde_json::from_slice::<Vec<&RawValue>>(&body) {
        Ok(messages) if messages.is_empty() || messages.len() > MAX_BATCH => {
            server.error(&invalid_request(), &JsonRpcId::null())
        }
        Ok(messages) => server.batch(&messages).await?,
        Err(_) => match serde_json::from_slice::<&RawValue>(&body) {
            Ok(message) => server.single(Message::read(message.get())).await,
            Err(_) => server.error(&Problem::from(&routermcp::PARSE_ERROR), &JsonRpcId::null()),
        },
    })
}

/// What answers the messages of one HTTP request.
struct Server {
    api: Api,
    headers: HeaderMap,
    /// `None` with `--bare`.
    limits: Option<RateLimitHandle>,
}

impl Server {
    async fn single(&self, message: Message) -> Response {
        match self.answer(message).await {
            Some(answer) => json(StatusCode::OK, answer),
            None => StatusCode::ACCEPTED.into_response(),
        }
    }

    async fn batch(&self, messages: &[&RawValue]) -> Result<Response, Problem> {
        let messages: Vec<_> = messages
            .iter()
            .map(|message| Message::read(message.get()))
            .collect();
        self.charge(&messages).await?;
        // The answers keep the order of their messages.
        let answers = stream::iter(messages).map(|message| self.answer(message));
        let answers: Vec<_> = answers.buffered(MAX_AT_ONCE).collect().await;
        let answers: Vec<_> = answers.into_iter().flatten().collect();
        if answers.is_empty() {
            return Ok(StatusCode::ACCEPTED.into_response());
        }
        let mut body = vec![b'['];
        body.extend(answers.join(&b','));
        body.push(b']');
        Ok(json(StatusCode::OK, body))
    }

    /// Charges what the requests of a batch cost: one each, whatever their method is.
    ///
    /// What the post has paid is given back first. A batch that is rejected costs nothing then, and the wait that its
    /// client is sent is the one after which the whole batch is allowed.
    async fn charge(&self, messages: &[Message]) -> Result<(), Problem> {
        let is_request = |message: &&Message| matches!(message, Message::Request { .. });
        let requests = u32::try_from(messages.iter().filter(is_request).count());
        let requests = requests.unwrap_or(u32::MAX);
        // For one the post has paid.
        if let Some(limits) = self.limits.as_ref().filter(|_| requests > 1) {
            limits.refund(1).await?;
            limits.acquire(requests).await?;
        }
        Ok(())
    }

    /// The bytes of an answer; `None` where there is none.
    async fn answer(&self, message: Message) -> Option<Vec<u8>> {
        match message {
            Message::Silent => None,
            Message::Invalid { id } => Some(self.error_bytes(&invalid_request(), &id)),
            Message::Request { id, method, params } => {
                let result =
                    methods::call(&self.api, &self.headers, &method, params.as_deref()).await;
                Some(match result {
                    Ok(result) => format!(
                        r#"{{"jsonrpc":"2.0","id":{},"result":{result}}}"#,
                        id.as_json()
                    )
                    .into_bytes(),
                    Err(problem) => self.error_bytes(&problem, &id),
                })
            }
        }
    }

    fn error(&self, problem: &Problem, id: &JsonRpcId) -> Response {
        json(StatusCode::OK, self.error_bytes(problem, id))
    }

    fn error_bytes(&self, problem: &Problem, id: &JsonRpcId) -> Vec<u8> {
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
