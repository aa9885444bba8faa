//! Tower layers for the edge of an HTTP API: between the network and its handlers.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use tower_edge_core as core;

#[cfg(feature = "axum")]
pub mod axum;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "correlation-id")]
pub mod correlation_id;
#[cfg(feature = "envelope")]
pub mod envelope;
#[cfg(feature = "forward")]
pub mod forward;
#[cfg(feature = "propagate")]
pub mod propagate;
#[cfg(feature = "rate-limit")]
pub mod rate_limit;
#[cfg(feature = "request-body-timeout")]
pub mod request_body_timeout;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "upstream-timeout")]
pub mod upstream_timeout;
#[cfg(feature = "version-gate")]
pub mod version_gate;

#[cfg(feature = "envelope")]
mod error_sources;
mod matched_path;
mod peer_addr;
mod telemetry;
#[cfg(any(feature = "request-body-timeout", feature = "upstream-timeout"))]
mod time_limit;

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
