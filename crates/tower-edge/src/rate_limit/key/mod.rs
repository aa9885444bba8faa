//! Whose allowance a request is charged to.

mod api_key;
mod bearer_token;
mod client_address;
mod embedded;
mod extension_key;
mod forwarded_field;
mod global_key;
mod header_key;
mod key_fn;
mod node;
mod prefixes;
mod query_key;
mod quoted;
mod route;
mod unknown_address;

pub use self::api_key::ApiKey;
pub use self::bearer_token::BearerToken;
pub use self::client_address::ClientAddress;
pub use self::extension_key::ExtensionKey;
pub use self::forwarded_field::ForwardedField;
pub use self::global_key::GlobalKey;
pub use self::header_key::HeaderKey;
pub use self::key_fn::key_fn;
pub use self::prefixes::PrefixError;
pub use self::query_key::QueryKey;
pub use self::route::Route;
pub(super) use self::route::template;
pub use self::unknown_address::UnknownAddress;
