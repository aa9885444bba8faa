//! Whose allowance a request is charged to.

mod client_address;
mod custom;
mod forwarded_field;
mod header_key;
mod prefixes;
mod query_key;
mod route;

pub use self::client_address::{ClientAddress, UnknownAddress};
pub use self::custom::{ExtensionKey, GlobalKey, key_fn};
pub use self::forwarded_field::ForwardedField;
pub use self::header_key::{ApiKey, BearerToken, HeaderKey};
pub use self::prefixes::PrefixError;
pub use self::query_key::QueryKey;
pub use self::route::Route;
pub(super) use self::route::template;
