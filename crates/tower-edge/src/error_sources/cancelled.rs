//! Distinguishes a call that an upstream has cancelled at its deadline from other cancelled calls.

use tokio::time::Instant;
use tower_edge_core::Deadline;

/// Whether the [current](Deadline::current) deadline is over. An upstream that knows the deadline counts the time from
/// the arrival of the call. That is later, so its deadline does not expire before ours.
///
/// gRPC's own clients treat a cancelled call in the same way:
/// [grpc-go](https://github.com/grpc/grpc-go/blob/v1.70.0/internal/transport/http2_client.go), `handleRSTStream`.
pub(crate) fn is_late() -> bool {
    let now = Instant::now().into_std();
    Deadline::current().is_some_and(|deadline| deadline.remaining(now).is_zero())
}

/// Whether a call that ended with `CANCELLED` and this message was over time.
///
/// tonic's server ends a call with it at its `grpc-timeout`, which may be earlier than our deadline by a margin.
#[cfg(any(feature = "client", feature = "tonic"))]
pub(crate) fn is_late_by(message: &str) -> bool {
    message == TONIC_TIMEOUT || is_late()
}

/// The text of [`TimeoutExpired`](https://docs.rs/tonic/0.14/tonic/struct.TimeoutExpired.html).
#[cfg(any(feature = "client", feature = "tonic"))]
const TONIC_TIMEOUT: &str = "Timeout expired";

#[cfg(feature = "tonic")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_tonics_timeout_is_known() {
        assert_eq!(tonic::TimeoutExpired(()).to_string(), TONIC_TIMEOUT);
    }
}
