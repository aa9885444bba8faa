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
/// The layer charges each request before it calls the inner service, so that many requests at once do not exceed the
/// limit. If the response is not one to charge for, the layer gives the charge back. If the client disconnects before
/// the response, the charge stays. An `Err` or a panic of the inner service counts as a 500.
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
    /// All responses that are not failures.
    Successes,
    /// The responses for which the closure of [`when`](Self::when) returns true.
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
