use std::error::Error;
use std::time::Duration;

#[cfg(feature = "envelope")]
use http::Extensions;
use tower_edge_core::{Kind, Problem};

use super::failure::UpstreamFailure;

/// The classification of an error by its type.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "envelope"),
    expect(dead_code, reason = "the retries read the failure alone")
)]
pub(crate) struct Classification {
    pub(crate) kind: Kind,
    /// The failure of an upstream, if this error alone shows it.
    pub(crate) failure: Option<UpstreamFailure>,
    /// The error as a problem, without private data.
    pub(crate) problem: Option<Problem>,
}

impl Classification {
    /// If a request was not processed, the client may send it again after a second.
    pub(super) fn new(kind: Kind, failure: Option<UpstreamFailure>) -> Self {
        let is_unprocessed = kind == Kind::Overloaded || failure == Some(UpstreamFailure::Refused);
        let problem = || Problem::new(kind).with_retry_after(Duration::from_secs(1));
        Self {
            kind,
            failure,
            problem: is_unprocessed.then(problem),
        }
    }
}

/// Classifies an error, without its sources. Returns `None` for an error of an unknown crate.
pub(crate) fn classify(error: &(dyn Error + 'static)) -> Option<Classification> {
    SOURCES.iter().find_map(|classify| classify(error))
}

/// The problem that a handler has returned as an error of its framework. The framework has written it.
#[cfg(feature = "envelope")]
pub(crate) fn problem_in(extensions: &Extensions) -> Option<&Problem> {
    #[cfg(feature = "tonic")]
    {
        super::tonic::problem_in(extensions)
    }
    #[cfg(not(feature = "tonic"))]
    {
        let _ = extensions;
        None
    }
}

const SOURCES: &[fn(&(dyn Error + 'static)) -> Option<Classification>] = &[
    #[cfg(feature = "client")]
    super::client::classify,
    #[cfg(feature = "hyper-util")]
    super::hyper_util::classify,
    #[cfg(feature = "reqwest")]
    super::reqwest::classify,
    #[cfg(feature = "h2")]
    super::h2::classify,
    super::tokio::classify,
    #[cfg(feature = "tonic")]
    super::tonic::classify,
    #[cfg(feature = "tower")]
    super::tower::classify,
];
