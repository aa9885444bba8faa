use std::fmt;
use std::sync::Arc;

use http::{request, response};
use tower_edge_core::http_ext::is_failure;

/// Which responses a request is charged for.
///
/// ```
/// use tower_edge::rate_limit::{ChargeOn, ClientAddress, Limit, Quota};
///
/// // Five wrong passwords a minute. Logins that succeed cost nothing.
/// let limit = Limit::new(Quota::per_minute(5), ClientAddress::new()).with_charge_on(ChargeOn::Failures);
/// # let _ = limit;
/// ```
///
/// The layer charges each request before it calls the inner service, so that concurrent requests do not exceed the
/// limit. If the request is not charged for its response, the layer gives the charge back. If the client disconnects
/// before the response, the charge stays. An `Err` or a panic of the inner service counts as a 500.
///
/// Within one [`Edge`](crate::Edge), a limit outside of the envelope decides by the response before the envelope writes
/// it. To decide by the response that is sent, put the limit and the envelope in two `Edge`s.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum ChargeOn {
    /// All responses. The default.
    #[default]
    Always,
    /// Failures, such as wrong passwords: a status of 400 or above, or for gRPC a `grpc-status` other than 0 in the
    /// head of the response.
    Failures,
    /// All responses that are not failures.
    Successes,
    /// The responses for which the closure of [`when`](Self::when) returns true.
    When(IsCharged),
}

type IsCharged = Arc<dyn Fn(&request::Parts, &response::Parts) -> bool + Send + Sync>;

impl ChargeOn {
    /// Charges for the responses for which the closure returns `true`. The layer copies the request's head for the
    /// closure, with its extensions at the time of the decision.
    ///
    /// A handler of JSON-RPC responds with 200 even if the call fails. It can add an extension to the response for the
    /// closure to read.
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

    /// `request` is `Some` if the request's head was copied for [`when`](Self::when).
    pub(super) fn charges(
        &self,
        request: Option<&request::Parts>,
        response: &response::Parts,
    ) -> bool {
        match self {
            Self::Always => true,
            Self::Failures => is_failure(response.status, &response.headers),
            Self::Successes => !is_failure(response.status, &response.headers),
            Self::When(is_charged) => request.is_none_or(|request| is_charged(request, response)),
        }
    }
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
