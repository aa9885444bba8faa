//! How many times a request was sent.

/// How many times a request was sent: 1 without a retry.
///
/// [`client::retry`](client/retry/index.html) puts it into the extensions of each request that it sends, and of the
/// response. [`HttpClient`](http_client/struct.HttpClient.html) does not retry a request that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempts(pub u32);
