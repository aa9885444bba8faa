use axum::body::Body;
use axum::extract::Request;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use futures_util::future::join_all;
use http::HeaderMap;
use http::StatusCode;
use serde_json::value::RawValue;
use tower_edge::core::Context;
use tower_edge::core::Problem;
use tower_edge::core::RpcId;
use tower_edge::envelope::format::routermcp;

use super::message::Message;
use super::message::invalid_request;
use super::methods;
use crate::json_body;
use crate::routes::Api;
use crate::success::json;
use crate::upstream::Call;

/// Answers one message, or a batch of them.
///
/// A body that cannot be read at all is a problem for the envelope; all that goes wrong with a
/// message is answered here, since a batch mixes results and errors.
pub(crate) async fn serve(State(api): State<Api>, request: Request) -> Result<Response, Problem> {
    // What of the request goes upstream is the same for every tool that it calls.
    let headers = Call::new(String::new(), &request).into_headers();
    let body = json_body::read(request.map(Body::new)).await?;
    let server = Server { api, headers };
    Ok(match serde_json::from_slice::<Vec<&RawValue>>(&body) {
        Ok(messages) if messages.is_empty() || messages.len() > MAX_BATCH => {
            server.error(&invalid_request(), &RpcId::null())
        }
        Ok(messages) => server.batch(&messages).await,
        Err(_) => match serde_json::from_slice::<&RawValue>(&body) {
            Ok(message) => server.single(message.get()).await,
            Err(_) => server.error(&Problem::from(&routermcp::PARSE_ERROR), &RpcId::null()),
        },
    })
}

/// What answers the messages of one HTTP request.
struct Server {
    api: Api,
    headers: HeaderMap,
}

impl Server {
    async fn single(&self, message: &str) -> Response {
        match self.answer(message).await {
            Some(answer) => json(StatusCode::OK, answer),
            None => StatusCode::ACCEPTED.into_response(),
        }
    }

    async fn batch(&self, messages: &[&RawValue]) -> Response {
        let answers = join_all(messages.iter().map(|message| self.answer(message.get()))).await;
        let answers: Vec<_> = answers.into_iter().flatten().collect();
        if answers.is_empty() {
            return StatusCode::ACCEPTED.into_response();
        }
        let mut body = vec![b'['];
        body.extend(answers.join(&b','));
        body.push(b']');
        json(StatusCode::OK, body)
    }

    /// The bytes of an answer; `None` where there is none.
    async fn answer(&self, message: &str) -> Option<Vec<u8>> {
        match Message::read(message) {
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

    fn error(&self, problem: &Problem, id: &RpcId) -> Response {
        json(StatusCode::OK, self.error_bytes(problem, id))
    }

    fn error_bytes(&self, problem: &Problem, id: &RpcId) -> Vec<u8> {
        let mut out = Vec::new();
        let context = Context::default().with_exposure(self.api.exposure);
        routermcp::RPC.error(problem, id, &context, &mut out);
        out
    }
}

/// Each message may cost a call upstream, and they are made together.
const MAX_BATCH: usize = 100;
