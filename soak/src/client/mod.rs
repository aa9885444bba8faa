//! Clients that send what they are given, and hand back whatever comes.

mod http1;
mod http2;

pub(crate) use self::http1::Http1;
pub(crate) use self::http1::bytes_of;
pub(crate) use self::http1::response;
pub(crate) use self::http2::Http2;
pub(crate) use self::http2::exchange;
pub(crate) use self::http2::head_of;
