use http::response::Parts;
use http::{HeaderMap, StatusCode};
use tower_edge_core::http_ext::{Protocol, content_type, is_media_type};
use tower_edge_core::{Kind, Problem};

use super::first_frame::AlreadyReported;
use super::settings::Settings;
use super::{Upstream, surgery};

/// Why a response of the inner service is written anew.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rewrite {
    /// A layer or a handler has left a problem in its extensions.
    Unwritten,
    /// Its body failed at the first frame. An envelope further in has reported that, and could not write it.
    FirstFrame,
    /// An envelope further in has written the problem, and this one writes it in its own format.
    Inner,
    /// It is bare.
    Bare,
    /// Somebody chose its body, and the service hides it.
    Upstream(Upstream),
}

impl Rewrite {
    /// Looks at a response and changes nothing; `None` is a success, or an error that is written already.
    #[inline(always)]
    pub(super) fn of(head: &Parts, protocol: Protocol, settings: &Settings) -> Option<Self> {
        // The whole price of a success.
        if !(head.status.is_client_error() || head.status.is_server_error()) {
            return None;
        }
        Self::of_error(head, protocol, settings)
    }

    #[cold]
    fn of_error(head: &Parts, protocol: Protocol, settings: &Settings) -> Option<Self> {
        match head.extensions.get::<Problem>() {
            Some(problem) if !problem.is_rendered() => Some(Self::Unwritten),
            Some(_) if head.extensions.get::<AlreadyReported>().is_some() => Some(Self::FirstFrame),
            Some(_) => settings.rewrites_inner.then_some(Self::Inner),
            None if is_bare(protocol, &head.headers) => Some(Self::Bare),
            None => {
                let takes_over = settings.upstream.takes_over(&head.headers);
                takes_over.then_some(Self::Upstream(settings.upstream))
            }
        }
    }

    /// Removes what said what the error is, and returns the problem, unless that is in the extensions.
    #[cold]
    pub(super) fn strip(self, head: &mut Parts) -> Option<Problem> {
        let problem = match self {
            Self::Unwritten => return None,
            Self::FirstFrame => {
                head.extensions.remove::<AlreadyReported>();
                return None;
            }
            Self::Inner => None,
            Self::Bare => bare(head.status),
            Self::Upstream(upstream) => upstream.problem(head.status, &mut head.headers),
        };
        surgery::forget_the_error(&mut head.headers);
        problem
    }
}

/// Whether a framework, not an API, has said this: no type, or plain text. To a gRPC client all
/// but its own protocol is that.
pub(super) fn is_bare(protocol: Protocol, headers: &HeaderMap) -> bool {
    match content_type(headers) {
        None => true,
        Some(_) if protocol != Protocol::Http => Protocol::from_headers(headers) != protocol,
        Some(value) => is_media_type(value, "text/plain"),
    }
}

fn bare(status: StatusCode) -> Option<Problem> {
    match status {
        StatusCode::NOT_FOUND => Some(Problem::new(Kind::RouteNotFound)),
        status => Problem::from_status(status),
    }
}
