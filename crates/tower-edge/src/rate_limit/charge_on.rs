use std::fmt;
use std::sync::Arc;

use http::{request, response};
use tower_edge_core::http_ext::Protocol;

/// Which responses a request is charged for.
///
/// It is charged before the response is known, so that many requests at once cannot slip through, and given back when
/// the response is another. A request whose client leaves before the response stays charged, so that leaving buys
/// nothing. An `Err` of the inner service counts as a 500. So does a panic, which goes on once what it is not charged for
/// is given back.
///
/// Within one [`Edge`](crate::Edge), a limit that stands outside of the envelope decides by the response as it was
/// before the envelope wrote it. To decide by what is sent, put the limit and the envelope in two `Edge`s.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum ChargeOn {
    /// All. The default.
    #[default]
    Always,
    /// Failures, such as wrong passwords: a status of 400 or above, or of gRPC a `grpc-status` other than 0 in the head
    /// of the response.
    Failures,
    /// All that are no failures.
    Successes,
    /// Those that [`when`](Self::when) chooses.
    When(IsCharged),
}

type IsCharged = Arc<dyn Fn(&request::Parts, &response::Parts) -> bool + Send + Sync>;

impl ChargeOn {
    /// Charges for the responses that the closure chooses. The request's head is copied for it, with its extensions as
    /// they were when the limit was decided.
    ///
    /// A handler of JSON-RPC responds with 200 even if the call fails. It can add an extension to the response, for the
    /// closure to find.
    ///
    /// ```
    /// use tower_edge::rate_limit::ChargeOn;
    ///
    /// let failed_logins =
    ///     ChargeOn::when(|request, response| request.uri.path() == "/login" && response.status == 401);
    /// # let _ = failed_logins;
    /// ```
    pub fn when(
        is_charged: impl Fn(&request::Parts, &response::Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::When(Arc::new(is_charged))
    }

    /// `request` is there when the request's head was copied for [`when`](Self::when).
    pub(super) fn charges(
        &self,
        request: Option<&request::Parts>,
        response: &response::Parts,
    ) -> bool {
        match self {
            Self::Always => true,
            Self::Failures => is_failure(response),
            Self::Successes => !is_failure(response),
            Self::When(is_charged) => request.is_none_or(|request| is_charged(request, response)),
        }
    }
}

/// A gRPC response without messages has its status in the head: `Trailers-Only`
/// ([gRPC over HTTP/2, responses](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses)).
fn is_failure(response: &response::Parts) -> bool {
    let is_grpc = || Protocol::from_headers(&response.headers) != Protocol::Http;
    let grpc_status = response.headers.get("grpc-status");
    response.status.as_u16() >= 400 || grpc_status.is_some_and(|status| status != "0" && is_grpc())
}

impl fmt::Debug for ChargeOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Always => "Always",
            Self::Failures => "Failures",
            Self::Successes => "Successes",
            Self::When(_) => "When(..)",
        })
    }
}
