//! Serves HTTP so that no client and no log can take the server down.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use tokio::net::TcpListener;
//! use tower_edge::server::{Server, shutdown_signal};
//!
//! # async fn run() -> std::io::Result<()> {
//! let shutdown = shutdown_signal()?;
//! let app = Router::new().route("/", get(|| async { "hello" }));
//! let listener = TcpListener::bind("127.0.0.1:3000").await?;
//! Server::new().serve(listener, app, shutdown).await;
//! # Ok(())
//! # }
//! ```
//!
//! [`Server`] closes connections without requests, ends responses that the client does not take, and limits the
//! connections of an address. It closes a connection so that the client can still read its response. At a shutdown it
//! lets the requests in flight end, up to a time limit.
//!
//! [`LogWriter`] writes the log without holding up a request, and [`AccessLogLayer`] logs one line for each request.
//! [`ValidRequestLayer`] rejects requests that HTTP itself calls invalid. [`DrainRequestBodyLayer`] reads the part of
//! a request's body that the service has not read, so that neither the response nor the next request is lost.
//! [`WriteTimeoutLayer`] is for other servers, such as `axum::serve`: it drops the body of a response that the client
//! does not take.
//!
//! hyper itself responds to a malformed request that it cannot read, with 400, 414 or 431. That response has an empty
//! body, no id and no format of yours. No service sees it, as there is no request to pass on.
//!
//! # Telemetry
//!
//! The feature enables `tracing`. The target `tower_edge::server` has the connections that a limit or an error has
//! ended, and failures to accept any; `tower_edge::access` has the [requests](access_log).

pub mod access_log;
mod activity;
mod connection;
pub mod drain;
mod http_service;
mod log_writer;
mod per_address;
mod response_body;
mod serve;
#[cfg(unix)]
mod signal;
mod stream;
mod transport;
pub mod valid_request;
pub mod write_timeout;

pub use tower_edge_core::PeerAddress;

pub use self::access_log::AccessLogLayer;
pub use self::drain::DrainRequestBodyLayer;
pub use self::http_service::HttpService;
pub use self::log_writer::{LogLine, LogWriter};
pub use self::serve::Server;
#[cfg(unix)]
pub use self::signal::shutdown_signal;
pub use self::valid_request::ValidRequestLayer;
pub use self::write_timeout::WriteTimeoutLayer;
