//! When a caller stops waiting, how it says so in header fields, and how code far from the request
//! knows.
//!
//! Within a process a [`Deadline`] is an instant, so that time in queues counts. Between processes it
//! is the time that remains, so that their clocks need not agree: a [`DeadlineField`] reads and writes
//! it. A layer that reads one puts the deadline into the extensions of the request, and makes it the
//! [current](Deadline::current) one wherever the request is worked on.
//!
//! ```
//! use std::time::Duration;
//!
//! use http::HeaderMap;
//! use tower_edge_core::Deadline;
//! use tower_edge_core::deadline::DeadlineField;
//! # #[expect(clippy::disallowed_methods, reason = "the clock of the example")]
//! # fn now() -> std::time::Instant { std::time::Instant::now() }
//!
//! let mut headers = HeaderMap::new();
//! DeadlineField::GrpcTimeout.write(Duration::from_millis(1500), &mut headers);
//! assert_eq!(headers["grpc-timeout"], "1500000u");
//!
//! let now = now();
//! let time = DeadlineField::GrpcTimeout.read(&headers).unwrap();
//! let deadline = Deadline::after(now, time).unwrap();
//! let left = deadline.scope(|| Deadline::current().map(|current| current.remaining(now)));
//! assert_eq!(left, Some(Duration::from_millis(1500)));
//! ```

#[expect(
    clippy::module_inception,
    reason = "the type that the folder is about has a file of its own"
)]
mod deadline;
mod field;
mod grpc_timeout;
mod within;

pub use self::deadline::Deadline;
pub use self::field::DeadlineField;
pub use self::within::Within;
