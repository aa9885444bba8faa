//! DNS records over HTTP, behind a proxy: everybody reads them, and each client publishes a few.

pub mod after;
pub mod before;

mod handlers;
