//! Whose allowance a request is charged to.

mod api_key;
mod client_address;
mod embedded;
mod forwarded_field;
mod key_fn;
mod node;
mod prefixes;
mod quoted;
mod unknown_address;

pub use self::api_key::ApiKey;
pub use self::client_address::ClientAddress;
pub use self::forwarded_field::ForwardedField;
pub use self::key_fn::key_fn;
pub use self::prefixes::PrefixError;
pub use self::unknown_address::UnknownAddress;
