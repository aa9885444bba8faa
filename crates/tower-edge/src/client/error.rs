use std::error::Error;
use std::fmt;

use hyper_util::client::legacy;
use tower_edge_core::Problem;

/// Why [`HttpClient`](super::HttpClient) has no response.
#[derive(Debug)]
#[non_exhaustive]
pub enum HttpClientError {
    /// No connection could be made, or the call failed on it.
    Call(legacy::Error),
    /// As many calls are in flight as [may be](super::HttpClient::with_max_in_flight); nothing was sent.
    MaxInFlight(Problem),
}

impl fmt::Display for HttpClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call(_) => "the call to the upstream failed",
            Self::MaxInFlight(_) => "too many calls to the upstream are in flight",
        })
    }
}

impl Error for HttpClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Call(error) => Some(error),
            Self::MaxInFlight(problem) => Some(problem),
        }
    }
}
