//! For a service that calls others: passes ids and deadlines on, sends requests again, and reads errors.
//!
//! These layers go around a client, which is any `Service<http::Request<_>>`: hyper-util's legacy client, a tonic
//! `Channel`, or reqwest behind `map_request`. [`RetryLayer`](retry::RetryLayer) waits as long as an upstream asks for.
//! [`decode`](mod@decode) reads the errors of upstreams, in whichever format, and turns them into problems for our own
//! clients:
//!
//! ```
//! use http::Response;
//! use tower_edge::Problem;
//! use tower_edge::client::decode::decode;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), http::Error> {
//! let response = Response::builder().status(429).header("retry-after", "7").body(String::new())?;
//!
//! let Err(remote) = decode(response).await else { return Ok(()) };
//! let problem = Problem::from(remote);
//! assert_eq!((problem.status().as_u16(), problem.retry_after().map(|it| it.as_secs())), (503, Some(7)));
//! # Ok(())
//! # }
//! ```

mod announced;
pub mod correlation_id;
pub mod deadline;
pub mod decode;
pub mod retry;

pub use tower_edge_core::http_ext::retry_after;
