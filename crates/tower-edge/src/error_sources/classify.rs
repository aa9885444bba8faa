use std::error::Error;

use tower_edge_core::{Kind, Problem};

use crate::envelope::UpstreamFailure;

/// What is known of an error by its type.
#[derive(Debug)]
pub(crate) struct Classification {
    pub(crate) kind: Kind,
    /// What went wrong with an upstream, where this error alone says it.
    pub(crate) failure: Option<UpstreamFailure>,
    /// All that the error says besides, without what is not public.
    pub(crate) problem: Option<Problem>,
}

impl Classification {
    pub(super) const fn new(kind: Kind, failure: Option<UpstreamFailure>) -> Self {
        Self {
            kind,
            failure,
            problem: None,
        }
    }
}

/// Classifies an error, without its sources. `None` is an error of no crate that is known here.
pub(crate) fn classify(error: &(dyn Error + 'static)) -> Option<Classification> {
    SOURCES.iter().find_map(|classify| classify(error))
}

const SOURCES: &[fn(&(dyn Error + 'static)) -> Option<Classification>] = &[
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
