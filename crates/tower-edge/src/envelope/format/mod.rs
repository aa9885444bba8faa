//! The formats that problems are written in.
//!
//! | format | body |
//! |---|---|
//! | [`ProblemDetails`](struct@ProblemDetails) | `{"type", "title", "status", "detail", …}` of [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457), with a catalogue and members of yours |
//! | [`JsonRpc`] | `{"jsonrpc": "2.0", "id", "error": {"code", "message"[, "data"]}}` |
//! | [`GrpcWeb`], [`GrpcWebText`] | a frame of trailers, plain or in base64 |
//! | [`Grpc`] | none: `grpc-status` and `grpc-message` in the header fields |
//!
//! The crate [tower-edge-formats](https://docs.rs/tower-edge-formats) has JSON:API, AIP-193, Connect, and the formats
//! of five APIs.
//!
//! # A format of your own
//!
//! Any type that can write a problem is a [`Format`](tower_edge_core::Format). A [`Catalog`](tower_edge_core::Catalog)
//! has the codes and messages of its own reference. [`json`] writes members, and [`messages`] returns the texts and
//! details that clients may see of a problem. A format without codes of its own takes those of the user's catalogue by
//! [`messages::row`].
//!
//! ```
//! use tower_edge::envelope::format::json::Object;
//! use tower_edge::envelope::format::messages;
//! use tower_edge::envelope::{Context, Format};
//! use tower_edge::problem::catalog;
//! use tower_edge::{Kind, Problem};
//!
//! catalog! {
//!     static ERRORS;
//!     #[api(NotFound, key = "E404", message = "No such thing")]
//!     const NO_SUCH_THING;
//!     #[api(RateLimited, key = "E429", message = "Slow down")]
//!     const _;
//! }
//!
//! /// `{"fault": {"code", "text"[, "id"]}}`
//! #[derive(Clone)]
//! struct Fault;
//!
//! impl Format for Fault {
//!     fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
//!         let row = messages::row(problem, Some(&ERRORS));
//!         let mut object = Object::open(out);
//!         let mut fault = object.object("fault");
//!         fault.text("code", messages::code(row, problem.key()));
//!         fault.text("text", messages::message(problem, row));
//!         if let Some(id) = context.correlation_id() {
//!             fault.text("id", id.as_str());
//!         }
//!     }
//! }
//!
//! # use http::{Request, Response};
//! # use http_body_util::{BodyExt, Empty};
//! # use tower::{ServiceBuilder, ServiceExt, service_fn};
//! # use tower_edge::envelope::EnvelopeLayer;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let service = ServiceBuilder::new().layer(EnvelopeLayer::new(Fault)).service(service_fn(
//! #     async |_: Request<()>| Err::<Response<Empty<_>>, _>(Problem::new(Kind::RateLimited)),
//! # ));
//! let response = service.oneshot(Request::new(())).await?;
//!
//! assert_eq!(response.status(), 429);
//! let body = response.into_body().collect().await.map_err(|e| e.to_string())?.to_bytes();
//! assert_eq!(body, r#"{"fault":{"code":"E429","text":"Slow down"}}"#);
//! # Ok(())
//! # }
//! ```

mod grpc;
mod grpc_web;

pub use tower_edge_core::json_rpc::{JsonRpc, RpcErrorStyle, tool_error};
pub use tower_edge_core::problem_details::ProblemDetails;
pub use tower_edge_core::{google_rpc, json, messages, problem_details};

pub use self::grpc::Grpc;
pub use self::grpc_web::{GrpcWeb, GrpcWebText};
