//! The types that the layers of `tower-edge` share, and that other crates implement or match on.
//!
//! A layer that rejects a request responds with a status, its headers, an empty body and a typed [`Problem`] in the
//! response's extensions. One outer layer, the envelope, writes every problem in the [`Format`] chosen for the
//! request. This crate holds the types that both sides share. It has no runtime and does no I/O.
//!
//! ```
//! use http::Response;
//! use tower_edge_core::{Kind, Problem};
//!
//! let response: Response<String> = Problem::new(Kind::NotFound).into_empty_response();
//!
//! assert_eq!(response.status(), 404);
//! assert!(response.body().is_empty());
//! assert_eq!(response.extensions().get::<Problem>().map(Problem::kind), Some(Kind::NotFound));
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `axum` | `IntoResponse` for [`Problem`], and a [`Problem`] from each rejection of axum that needs no feature below |
//! | `axum-multipart` | a [`Problem`] from the rejections of axum's feature `multipart` |
//! | `axum-ws` | a [`Problem`] from the rejection of axum's feature `ws` |
//! | `tonic` | conversions between [`Problem`] and `tonic::Status` |
#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod body_error;
mod catalog;
mod correlation_id;
pub mod deadline;
mod exposure;
mod extensions;
mod format;
pub mod google_rpc;
mod grpc_code;
mod head;
pub mod http_ext;
pub mod json;
pub mod json_rpc;
mod kind;
pub mod messages;
pub mod problem;
pub mod problem_details;
pub mod rate_limit;
mod request_context;
mod trace_context;

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "axum-multipart")]
mod axum_multipart;
#[cfg(feature = "axum-ws")]
mod axum_ws;
#[cfg(feature = "tonic")]
mod tonic;

pub use self::body::{EmptyBody, ResponseBody};
#[doc(hidden)]
pub use self::body_error::{BodyErrorHandler, HandleBodyError, contain_panic};
pub use self::body_error::{BoxError, Panicked};
#[doc(hidden)]
pub use self::catalog::words as catalog_words;
pub use self::catalog::{
    Catalog, CatalogError, Code, Definition, DetailDefinition, DetailType, LAYERS, Retry,
};
#[doc(hidden)]
pub use self::catalog::{DefinitionOptions, DetailOptions};
pub use self::correlation_id::{
    AcceptedIds, ClientCorrelationId, CorrelationId, GenerateId, InvalidCorrelationId,
};
pub use self::deadline::Deadline;
pub use self::exposure::{Exposure, Level, Visibility};
pub use self::extensions::{PeerAddress, RouteTemplate};
pub use self::format::{Context, Format};
pub use self::grpc_code::GrpcCode;
pub use self::head::Head;
pub use self::json_rpc::{JsonRpcId, JsonRpcIds};
pub use self::kind::Kind;
pub use self::problem::{ErrorId, Problem};
pub use self::request_context::RequestContext;
pub use self::trace_context::{TraceContext, TraceParent};
