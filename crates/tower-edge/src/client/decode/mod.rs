//! Turns the error response of an upstream into an error with a status, a code, a message and a wait.
//!
//! [`decode`] returns a success untouched. A 4xx, a 5xx and a gRPC error are a [`RemoteProblem`]:
//!
//! ```
//! use std::time::Duration;
//!
//! use http::{Request, Response};
//! use tower::{BoxError, ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::client::decode::{RemoteProblem, decode};
//! use tower_edge::{Kind, Problem};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), BoxError> {
//! let client = service_fn(async |_: Request<String>| {
//!     let response = Response::builder().status(429).header("content-type", "application/json");
//!     let body = r#"{"error": {"code": "RATE_LIMITED", "message": "Slow down", "retry_after": 1.5}}"#;
//!     Ok::<_, BoxError>(response.body(body.to_owned())?)
//! });
//!
//! let response = client.oneshot(Request::default()).await?;
//! let Err(remote) = decode(response).await else { return Err("a success".into()) };
//! assert_eq!((remote.kind(), remote.code()), (Kind::RateLimited, Some("RATE_LIMITED")));
//! assert_eq!(remote.message(), Some("Slow down"));
//! assert_eq!(remote.retry_after(), Some(Duration::from_millis(1500)));
//!
//! // The limit is not that of our own client, who also does not see the upstream's text.
//! let problem = Problem::from(remote);
//! assert_eq!((problem.status().as_u16(), problem.message()), (503, None));
//!
//! // As a layer, whose errors an envelope further out renders. The client's own errors have to become the same type,
//! // which is why `and_then(decode)` does not compile.
//! let client = ServiceBuilder::new()
//!     .and_then(async |response| decode(response).await.map_err(BoxError::from))
//!     .service(client);
//! let error = client.oneshot(Request::default()).await.unwrap_err();
//! assert!(error.is::<RemoteProblem>());
//! # Ok(())
//! # }
//! ```
//!
//! A handler that returns a `Result<_, Problem>` writes `decode(response).await?`. With reqwest, convert the response
//! to and fro: `let response: reqwest::Response = decode(http::Response::from(response)).await?.into()`. With the
//! feature `tonic`, `RemoteProblem::from_status` reads the status of a call by tonic's client.
//!
//! # What is read
//!
//! The `Content-Type` and the shape of the body decide:
//!
//! | format | code | message |
//! |---|---|---|
//! | [problem details](https://www.rfc-editor.org/rfc/rfc9457) | `type`, else `code` | `detail`, else `title` |
//! | `{"error": {"code", "message", …}}` or `{"code", "message", …}` | `code`, else `type` | `message` |
//! | `{"error": "text", "code": "CODE"}` | `code` | `error` |
//! | `{"error": "code", "message": "text"}` | `error` | `message` |
//! | [JSON:API](https://jsonapi.org/format/#error-objects) | that of the first error | its `detail`, else its `title` |
//! | [AIP-193](https://google.aip.dev/193), [Connect](https://connectrpc.com/docs/protocol#error-end-stream) | the reason of `ErrorInfo`, else the code | `message` |
//! | [JSON-RPC](https://www.jsonrpc.org/specification#error_object) | `code` | `message` |
//! | gRPC, gRPC-Web | as AIP-193 | `grpc-message` |
//! | an event stream of MCP | that of its last message | the same |
//! | plain text | none | the text |
//! | anything else | none | none |
//!
//! The first member that is a text or a number counts. All other members become [details](RemoteProblem::details):
//! those of the error and those beside it, such as `request_id`, a `message` that is a list, or all errors of JSON:API
//! but the first. Members of `details`, `data` and `meta` are details by their own names. Items of a list that name a
//! field are [field errors](RemoteProblem::field_errors) instead. `success`, `null`, and a `status` that repeats the
//! HTTP status are dropped.
//!
//! The wait comes from `Retry-After`, `retry_after` or `retryAfter` in the body, `RetryInfo` or
//! `grpc-retry-pushback-ms`: the longest and most precise of these counts. If a refusal has none of them, the wait is
//! the reset of an exhausted quota in `RateLimit` or `X-RateLimit-Reset`. A pushback may also [forbid a
//! retry](RemoteProblem::forbids_retry).
//!
//! At most [`MAX_BODY`] bytes of a body are read. A longer body does not parse. Reading ends after [`MAX_TIME`], or
//! after the time of [`decode_within`], however slowly the upstream sends. If a body fails, is late or is malformed,
//! the error has the status and the header fields alone.
//!
//! # What is logged
//!
//! [`Problem::from`](crate::Problem) keeps the error as its source, which the envelope logs. So the log has the code
//! and the message of the upstream, escaped and of bounded length. Our own clients see neither, unless the envelope
//! shows details for development.
//!
//! # Errors in a success
//!
//! [`decode`] does not read the body of a 2xx. JSON-RPC, tools of MCP, gRPC-Web and streams of Connect send errors in a
//! 200. [`RemoteProblem::from_response`] finds them in a response whose body the client has read, and
//! [`RemoteProblem::from_trailers`] in the trailers of gRPC.

mod framed;
mod json;
mod read;
mod remote_problem;

pub use self::read::{MAX_BODY, MAX_TIME, decode, decode_within};
pub use self::remote_problem::RemoteProblem;
