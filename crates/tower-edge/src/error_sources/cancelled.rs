//! Distinguishes a call that an upstream has cancelled because its time was over from others that were cancelled.

use tokio::time::Instant;
use tower_edge_core::Deadline;

/// Whether the [current](Deadline::current) deadline is over. An upstream that knows it counts from when the call
/// arrives, which is later: it does not expire there before it has here.
///
/// gRPC's own clients read a cancelled call so too:
/// [grpc-go](https://github.com/grpc/grpc-go/blob/v1.70.0/internal/transport/http2_client.go), `handleRSTStream`.
pub(crate) fn is_late() -> bool {
    let now = Instant::now().into_std();
    Deadline::current().is_some_and(|deadline| deadline.remaining(now).is_zero())
}

/// Whether the time of a call was over that has ended with `CANCELLED` and this message.
///
/// tonic's server ends a call so at its `grpc-timeout`, which may be earlier than our deadline by a margin.
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
