//! Prepares the header fields and paths of requests for an upstream, and the header fields of its responses for a
//! client.
//!
//! [`Forwarder`] rewrites all header fields, for a reverse proxy. [`join_path`] appends a request's path to the
//! upstream's base path. A gateway that makes its own requests only needs [`RequestFields`] and [`Via`].
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use http::{HeaderName, Request, Response, StatusCode};
//! use tower_edge::forward::{Forwarder, PeerAddress, RequestFields, join_path};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let own = HeaderName::from_static("x-tenant");
//! let forwarder = Forwarder::new().with_fields(RequestFields::new().allow(own));
//!
//! let mut request = Request::get("/media/7")
//!     .header("connection", "keep-alive, x-mine")
//!     .header("x-mine", "1")
//!     .header("x-real-ip", "203.0.113.9")
//!     .header("x-tenant", "acme")
//!     .extension(PeerAddress("192.0.2.1:4711".parse()?))
//!     .body(())?;
//! let flow: ControlFlow<Response<()>> = forwarder.prepare_request(&mut request);
//!
//! assert!(flow.is_continue());
//! let names: Vec<_> = request.headers().keys().collect();
//! assert_eq!(names, ["x-tenant", "x-forwarded-for", "x-forwarded-proto", "via"]);
//! assert_eq!(join_path("/api", request.uri())?, "/api/media/7");
//!
//! // The proxy itself responds to a request whose forwards are used up.
//! let mut request = Request::options("/").header("max-forwards", "0").body(())?;
//! let ControlFlow::Break(response) = forwarder.prepare_request::<_, ()>(&mut request) else {
//!     panic!("it is not for the upstream");
//! };
//! assert_eq!(response.status(), StatusCode::NO_CONTENT);
//! # Ok(())
//! # }
//! ```
//!
//! # What it does to a request and a response
//!
//! A [`Forwarder`] calls no service: the proxy sends the request, and returns the response.
//!
//! | | a request for the upstream | a request for the proxy itself |
//! |---|---|---|
//! | request fields read | `Host`, `Connection` and `Max-Forwards` | `Max-Forwards` |
//! | request extensions read | the [`PeerAddress`] and the [`CorrelationId`](tower_edge_core::CorrelationId) | none |
//! | request fields removed | all but the [`RequestFields`]; hop-by-hop fields; `X-Forwarded-…` of peers that are not [trusted](Forwarder::with_trusted_proxies) | none |
//! | request fields written | `X-Forwarded-For`, `-Host` and `-Proto`, `Via`, `X-Correlation-ID`, a lower `Max-Forwards` | none |
//! | status | the upstream's | 204 or 405, or 400 for an invalid `Max-Forwards` |
//! | response fields removed | hop-by-hop fields, except `Upgrade` of a 426 on HTTP/1.1 | none |
//! | response fields written | `Via` | `Allow` with a 204 or 405 |
//! | body | is not touched | empty |

mod fields;
mod forwarder;
mod hop_by_hop;
mod max_forwards;
mod path;
mod via;

pub use tower_edge_core::PeerAddress;

pub use self::fields::RequestFields;
pub use self::forwarder::Forwarder;
pub use self::hop_by_hop::remove_hop_by_hop;
pub use self::path::join_path;
pub use self::via::{InvalidPseudonym, Via};
