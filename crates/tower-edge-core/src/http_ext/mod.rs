//! Rules of HTTP, each in one function: what is gRPC, an event stream, JSON or a preflight, how percent-encoding and
//! hexadecimal digits work, how a number becomes a header value, and how to walk an error's sources.
//!
//! Our layers decide by these functions. A format or a layer of your own that uses them too decides the same.
//!
//! ```
//! use http::{HeaderMap, HeaderValue};
//! use tower_edge_core::http_ext::{Protocol, is_event_stream};
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("content-type", HeaderValue::from_static("Application/gRPC+proto"));
//!
//! assert_eq!(Protocol::from_headers(&headers), Protocol::Grpc);
//! assert!(!is_event_stream(&headers));
//! ```

mod accept;
mod error_chain;
mod field_names;
mod fnv;
mod header_int;
mod hex;
mod media_type;
mod percent;
mod preflight;
mod protocol;
mod retry_after;
mod single_header;
mod token;

pub use self::accept::preferred;
pub(crate) use self::error_chain::write_line;
pub use self::error_chain::{ErrorChain, error_chain};
pub use self::field_names::{FieldNames, FoundFields};
pub use self::fnv::fnv_1a;
pub(crate) use self::header_int::DIGITS;
pub use self::header_int::{
    delta_seconds, header_int, retry_after_seconds, whole_milliseconds, whole_seconds,
};
pub use self::hex::{hex, hex_digit, hex_lower};
pub use self::media_type::{
    content_type, essence, is_event_stream, is_json, is_media_type, split_unquoted, weight,
};
pub use self::percent::{percent_decode, percent_encode, try_percent_decode};
pub use self::preflight::is_preflight;
pub use self::protocol::{Protocol, is_failure};
pub use self::retry_after::retry_after;
pub use self::single_header::SingleHeader;
pub use self::token::{is_token, is_token_char};
