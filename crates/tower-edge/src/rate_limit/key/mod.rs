//! Who a request is charged to.
//!
//! A [`KeyExtractor`](super::KeyExtractor) finds the key of a request: here are those of addresses, header fields,
//! queries, routes and extensions. Combine them by tuples, [`or`](super::KeyExtractor::or) and
//! [`required`](super::KeyExtractor::required).

mod client_address;
mod custom;
mod forwarded_field;
mod header_key;
mod prefixes;
mod query_key;
mod route;

pub use tower_edge_core::rate_limit::{Or, Required};
pub use tower_edge_core::{PeerAddress, RouteTemplate};

pub use self::client_address::{ClientAddress, UnknownAddress};
pub use self::custom::{ExtensionKey, GlobalKey, key_fn};
pub use self::forwarded_field::ForwardedField;
pub use self::header_key::{ApiKey, BearerToken, HeaderKey};
pub use self::prefixes::KeyError;
pub use self::query_key::QueryKey;
pub use self::route::Route;
pub(super) use self::route::{PathPattern, template};
