//! Who is charged for a request.
//!
//! A [`KeyExtractor`](super::KeyExtractor) finds the key of a request. Here are extractors for addresses, header
//! fields, queries, routes, calls of MCP and extensions. Combine them by tuples, [`or`](super::KeyExtractor::or) and
//! [`required`](super::KeyExtractor::required).
//!
//! ```
//! use tower_edge::rate_limit::key::{BearerToken, ExtensionKey, Route, key_fn};
//! use tower_edge::rate_limit::{ApiKey, ClientAddress, Key, KeyExtractor, Limit, Quota};
//!
//! #[derive(Clone)]
//! struct User {
//!     id: u64,
//! }
//!
//! const QUOTA: Quota = Quota::per_minute(60);
//!
//! let by_user = Limit::new(QUOTA, ExtensionKey::new(|user: &User| Key::from(user.id)));
//! let by_key_or_address = Limit::new(QUOTA, ApiKey.or(ClientAddress::new()));
//! let by_token_and_route = Limit::new(QUOTA, (BearerToken.required(), Route));
//! let by_tenant = Limit::new(QUOTA, key_fn(|head| head.headers.get("x-tenant").map(Key::from)));
//! # let _ = (by_user, by_key_or_address, by_token_and_route, by_tenant);
//! ```

mod client_address;
mod custom;
mod forwarded_field;
mod header_key;
mod mcp_call;
mod prefixes;
mod query_key;
mod route;

pub use tower_edge_core::rate_limit::{Or, Required};
pub use tower_edge_core::{PeerAddress, RouteTemplate};

pub use self::client_address::{ClientAddress, UnknownAddress};
pub use self::custom::{ExtensionKey, GlobalKey, key_fn};
pub use self::forwarded_field::ForwardedField;
pub use self::header_key::{ApiKey, BearerToken, HeaderKey};
pub use self::mcp_call::McpCall;
pub use self::prefixes::KeyError;
pub use self::query_key::QueryKey;
pub(super) use self::route::PathPattern;
pub use self::route::Route;
