//! The harness of the integration tests: servers, clients and processes on 127.0.0.1.
//!
//! ```text
//! let address = serve(service).await;
//! let response = Client::http_2().send(Request::get(format!("http://{address}/"))).await;
//! assert_eq!(response.status, 200);
//! ```
//!
//! Every server listens on a port that the system chooses, and ends with the test. Whatever waits does so
//! for at most [`PATIENCE`], so that a test that would hang fails instead. Whatever is not as a test needs it panics.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where something is not as arranged"
)]

mod client;
mod current;
mod dashboard;
mod deadline;
#[cfg(doctest)]
mod guide;
mod process;
mod prometheus;
mod raw;
mod redis;
mod response;
mod server;
mod upstream;

pub use self::client::{Client, Connection, PROTOCOLS, Protocol};
pub use self::current::assert_is_current;
pub use self::dashboard::{Panel, PanelQuery};
pub use self::deadline::{PATIENCE, in_time};
pub use self::process::{Process, command, failed_listen, failed_start};
pub use self::prometheus::Prometheus;
pub use self::raw::{exchange, read_head, read_response};
pub use self::redis::{RedisCluster, RedisServer};
pub use self::response::{TestResponse, field, oneshot};
pub use self::server::{listen, serve};
pub use self::upstream::{Call, Nobody, Upstream};

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/own-errors.md")]
mod own_errors {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/own-errors/comparison.md")]
mod comparison {}
