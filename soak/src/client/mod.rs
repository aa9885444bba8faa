//! Clients that send what they are given, and hand back whatever comes.

mod http1;
mod http2;

pub(crate) use self::http1::{Http1, bytes_of, response};
pub(crate) use self::http2::{Http2, exchange, head_of};
