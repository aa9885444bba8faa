//! Responds with 400 to a request that HTTP itself calls invalid, before any inner layer sees it.
//!
//! ```
//! use http::{Request, Response, StatusCode};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::server::valid_request::ValidRequestLayer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new()
//!     .layer(ValidRequestLayer::new())
//!     .service(service_fn(async |_: Request<()>| {
//!         Ok::<_, std::convert::Infallible>(Response::new(String::from("hello")))
//!     }));
//!
//! let valid = Request::get("/").header("host", "api.example:8080").body(())?;
//! assert_eq!(service.clone().oneshot(valid).await?.body(), "hello");
//!
//! let without_host = Request::get("/").body(())?;
//! let response = service.oneshot(without_host).await?;
//! assert_eq!(response.status(), StatusCode::BAD_REQUEST);
//! # Ok(())
//! # }
//! ```
//!
//! # What it does to a request and a response
//!
//! | | a valid request | an invalid request |
//! |---|---|---|
//! | inner service | is called | is not called |
//! | request fields read | `Host`, `Content-Length`, `Transfer-Encoding` | the same |
//! | status | the inner service's | 400, or 501 |
//! | response fields written | none | on HTTP/1 `Connection: close`, if the end of the request is uncertain |
//! | response extensions written | none | a [`Problem`](tower_edge_core::Problem) |
//!
//! A server library checks what it needs to find the next request. It leaves to the service which host a request is
//! for, and where the body ends for another server: hyper accepts an HTTP/1.1 request without `Host`, and one that is
//! `chunked` twice. An attacker can exploit two programs that disagree about such a request ([RFC 9112, section
//! 11.2](https://www.rfc-editor.org/rfc/rfc9112#section-11.2)).
//!
//! | a request is rejected | with | rule |
//! |---|---|---|
//! | on HTTP/1.1 without `Host` | 400 | [RFC 9112, 3.2] |
//! | with two `Host` fields, or one that is not `uri-host [":" port]` | 400 | [RFC 9112, 3.2], [RFC 9110, 7.2] |
//! | with an empty `Host`, where the target has an authority | 400 | [RFC 9112, 3.2] |
//! | whose target has an authority with user information or an invalid port | 400 | [RFC 9110, 4.2.4] |
//! | on HTTP/2 or 3 with neither `:authority` nor `Host`: an `http` or `https` target has a host | 400 | [RFC 9110, 4.2.1] |
//! | on HTTP/2 or 3 with a `Host` that is not `:authority` | 400 | [RFC 9113, 8.3.1] |
//! | whose last transfer coding is not `chunked`, or that is `chunked` twice | 400 | [RFC 9112, 6.1], [RFC 9112, 6.3] |
//! | with a transfer coding besides `chunked` | 501 | [RFC 9112, 6.1] |
//! | with `Content-Length` beside `Transfer-Encoding` | 400 | [RFC 9112, 6.3] |
//! | with `Transfer-Encoding` on HTTP/1.0 | 400 | [RFC 9112, 6.1] |
//! | with `Transfer-Encoding` on HTTP/2 or 3 | 400 | [RFC 9113, 8.2.2] |
//!
//! An HTTP/1.0 request may omit `Host`. On HTTP/1.1 a `Host` may differ from the target's own authority: the target
//! takes precedence ([RFC 9112, section 3.2.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2)).
//!
//! The response has a [`Problem`](tower_edge_core::Problem) in its extensions and no body. If the end of the request
//! is uncertain, the response also has `Connection: close` on HTTP/1.x. Put the layer inside of the envelope, and
//! outside of all layers that read `Host` or the body. hyper itself rejects some of these requests, without this
//! layer and without a `Problem`. If a request has both `Content-Length` and `Transfer-Encoding`, hyper passes on
//! only the latter, and closes the connection after the response.
//!
//! [RFC 9110, 4.2.1]: https://www.rfc-editor.org/rfc/rfc9110#section-4.2.1
//! [RFC 9110, 4.2.4]: https://www.rfc-editor.org/rfc/rfc9110#section-4.2.4
//! [RFC 9110, 7.2]: https://www.rfc-editor.org/rfc/rfc9110#section-7.2
//! [RFC 9112, 3.2]: https://www.rfc-editor.org/rfc/rfc9112#section-3.2
//! [RFC 9112, 6.1]: https://www.rfc-editor.org/rfc/rfc9112#section-6.1
//! [RFC 9112, 6.3]: https://www.rfc-editor.org/rfc/rfc9112#section-6.3
//! [RFC 9113, 8.2.2]: https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2
//! [RFC 9113, 8.3.1]: https://www.rfc-editor.org/rfc/rfc9113#section-8.3.1

mod authority;
mod fault;
mod layer;

pub use self::layer::{ValidRequest, ValidRequestLayer};
pub use crate::rejection::ResponseFuture;

#[cfg(test)]
mod tests;
