//! Extractors for axum whose rejections are problems: [`Json`], [`Path`] and [`Query`] replace axum's own.
//!
//! ```
//! use axum::{Router, body::Body, routing::post};
//! use http::Request;
//! use http_body_util::BodyExt;
//! use serde::Deserialize;
//! use tower::ServiceExt;
//! use tower_edge::axum::Json;
//! use tower_edge::envelope::EnvelopeLayer;
//! use tower_edge_formats::PlexMcp;
//!
//! #[derive(Deserialize)]
//! struct Medium {
//!     title: String,
//!     year: u16,
//! }
//!
//! async fn create(Json(medium): Json<Medium>) -> String {
//!     format!("{} ({})", medium.title, medium.year)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let app = Router::new().route("/media", post(create)).layer(EnvelopeLayer::new(PlexMcp));
//! let request = Request::post("/media").header("content-type", "application/json");
//!
//! let response = app.oneshot(request.body(Body::from(r#"{"title": "Alien", "year": "1979"}"#))?).await?;
//!
//! let body = String::from_utf8(response.into_body().collect().await?.to_bytes().to_vec())?;
//! assert!(body.contains(r#""year":"must be a whole number from 0 to 65535""#), "{body}");
//! # Ok(())
//! # }
//! ```
//!
//! An invalid input becomes a [`Problem`](tower_edge_core::Problem) of kind
//! [`Validation`](tower_edge_core::Kind::Validation). Its status is 422, unless the API's format sets another. The
//! problem has the invalid field: its name, its JSON pointer in a body, and the expected value, without names of Rust
//! types. A body that is not JSON is a 400, a body over axum's `DefaultBodyLimit` a 413, and another content type a
//! 415. So is a body with a `Content-Encoding`; the response then has an `Accept-Encoding`. An outer
//! [`EnvelopeLayer`](../envelope/index.html) writes the problem in its format. Without an envelope, the body is that of
//! RFC 9457.
//!
//! serde stops at the first invalid field. With feature `garde` or `validator`, `Valid<Json<T>>` names all fields that
//! fail its checks: see [`garde::Valid`](garde/struct.Valid.html) and
//! [`validator::Valid`](validator/struct.Valid.html).
//!
//! With feature `rate-limit`, [`ClientIp`](struct.ClientIp.html) is the address that a limit by address counts.
//!
//! Other extractors keep their rejections, which `?` and `From` convert into problems. The features `axum-multipart`
//! and `axum-ws` add these conversions for axum's features `multipart` and `ws`.

#[cfg(feature = "rate-limit")]
mod client_ip;
#[cfg(feature = "version-gate")]
mod client_version;
#[cfg(feature = "garde")]
pub mod garde;
mod json;
mod json_bytes;
mod path;
mod query;
#[cfg(feature = "rate-limit")]
mod rate_limit_handle;
#[cfg(any(feature = "garde", feature = "validator"))]
mod valid;
#[cfg(feature = "validator")]
pub mod validator;

#[cfg(feature = "rate-limit")]
pub use self::client_ip::ClientIp;
pub use self::json::Json;
pub use self::json_bytes::JsonBytes;
pub use self::path::Path;
pub use self::query::Query;
