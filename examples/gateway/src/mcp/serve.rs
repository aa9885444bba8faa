use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use http::header::{CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, StatusCode, Uri};
use serde_json::value::RawValue;
use tower_edge::axum::JsonBytes;
use tower_edge::envelope::{Context, JsonRpcId};
use tower_edge::rate_limit::RateLimitHandle;
use tower_edge::{Kind, Problem};
use tower_edge_formats::mcp::McpFields;
use tower_edge_formats::routermcp;

use super::message::{Message, response};
use super::{is_modern, methods, modern};
use crate::routes::Api;
use crate::upstream::UpstreamFields;

/// Responds to one message, or to a batch of them.
///
/// A body that cannot be read at all is a problem for the envelope. The errors of a message are written here,
/// since a batch mixes results and errors.
pub(crate) async fn serve(
    State(api): State<Api>,
    fields: HeaderMap,
    upstream: UpstreamFields,
    limits: Option<Extension<RateLimitHandle>>,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Problem> {
    if !origin_is_valid(&fields) {
        return Err(Problem::new(Kind::PermissionDenied).with_message("Origin is not valid"));
    }
    let (status, response) = if is_modern(&McpFields::from(&fields)) {
        let response = modern::serve(&api, &upstream, &fields, &body).await?;
        (StatusCode::OK, response)
    } else if let Some((status, error)) = modern::other_version(&api, &fields, &body) {
        (status, Some(error))
    } else {
        let limits = limits.map(|Extension(limits)| limits);
        let server = Server {
            api,
            limits,
            upstream,
        };
        (StatusCode::OK, server.response(&body).await?)
    };
    Ok(match response {
        Some(response) => (status, [(CONTENT_TYPE, "application/json")], response).into_response(),
        None => StatusCode::ACCEPTED.into_response(),
    })
}

/// Serves the messages of one HTTP request, by the revisions up to 2025-11-25.
struct Server {
    api: Api,
    /// `None` with `--bare`.
    limits: Option<RateLimitHandle>,
    upstream: UpstreamFields,
}

impl Server {
    async fn response(&self, body: &[u8]) -> Result<Option<Vec<u8>>, Problem> {
        match serde_json::from_slice::<Vec<&RawValue>>(body) {
            Ok(messages) if messages.is_empty() || messages.len() > MAX_BATCH => Ok(Some(
                self.error(&routermcp::INVALID_REQUEST, &JsonRpcId::null()),
            )),
            Ok(messages) => self.batch(&messages).await,
            Err(_) if serde_json::from_slice::<&RawValue>(body).is_ok() => {
                Ok(self.respond(Message::read(body)).await)
            }
            Err(_) => Ok(Some(
                self.error(&routermcp::PARSE_ERROR, &JsonRpcId::null()),
            )),
        }
    }

    /// The responses, in the order of their messages; `None` if there are none.
    async fn batch(&self, messages: &[&RawValue]) -> Result<Option<Vec<u8>>, Problem> {
        let messages = messages.iter();
        let messages: Vec<_> = messages
            .map(|message| Message::read(message.get().as_bytes()))
            .collect();
        self.charge(&messages).await?;
        let responses = stream::iter(messages).map(|message| self.respond(message));
        let responses: Vec<_> = responses.buffered(MAX_AT_ONCE).collect().await;
        let responses: Vec<_> = responses.into_iter().flatten().collect();
        let body = [b"[", &*responses.join(&b','), b"]"].concat();
        Ok((!responses.is_empty()).then_some(body))
    }

    /// Charges what the requests of a batch cost: one each, whatever their method is.
    ///
    /// What the post has paid is given back first. A batch that is rejected costs nothing then, and the wait that its
    /// client is sent is the one after which the whole batch is allowed.
    async fn charge(&self, messages: &[Message]) -> Result<(), Problem> {
        let is_request = |message: &&Message| matches!(message, Message::Request { .. });
        let requests = messages.iter().filter(is_request).count();
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        // The POST itself was charged for one.
        if let Some(limits) = self.limits.as_ref().filter(|_| requests > 1) {
            limits.refund(1).await?;
            limits.acquire(requests).await?;
        }
        Ok(())
    }

    /// The response to a message; `None` if there is none.
    async fn respond(&self, message: Message) -> Option<Vec<u8>> {
        let (id, result) = match message {
            Message::Silent => return None,
            Message::Invalid { id } => (id, Err(Problem::from(&routermcp::INVALID_REQUEST))),
            Message::Request { id, method, params } => {
                let result = methods::call(&self.api, &self.upstream, &method, params.as_deref());
                (id, result.await)
            }
        };
        Some(match result {
            Ok(result) => response(&id, &result),
            Err(problem) => self.error(problem, &id),
        })
    }

    fn error(&self, problem: impl Into<Problem>, id: &JsonRpcId) -> Vec<u8> {
        let mut out = Vec::new();
        let context = Context::default().with_exposure(self.api.exposure);
        routermcp::RPC.error(&problem.into(), id, &context, &mut out);
        out
    }
}

/// Any origin may call, as the CORS fields say. A real server lists its own. What is no origin at all comes from no
/// browser.
pub(crate) fn origin_is_valid(fields: &HeaderMap) -> bool {
    fields.get_all(ORIGIN).iter().all(|origin| {
        let uri = Uri::try_from(origin.as_bytes());
        let is_origin =
            |uri: Uri| uri.scheme().is_some() && uri.path() == "/" && uri.query().is_none();
        origin == "null" || uri.is_ok_and(is_origin)
    })
}

/// Each message may cost a call upstream.
const MAX_BATCH: usize = 100;
/// So many calls of one batch are made together.
const MAX_AT_ONCE: usize = 8;
