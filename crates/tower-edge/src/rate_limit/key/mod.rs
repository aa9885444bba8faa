//! Whose allowance a request is charged to.

mod api_key;
mod client_address;
mod key_fn;

pub use self::api_key::ApiKey;
pub use self::client_address::ClientAddress;
pub use self::key_fn::key_fn;
