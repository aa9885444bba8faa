use std::time::Duration;

use http::{HeaderMap, StatusCode};
use tower_edge_core::Head;
use tower_edge_core::deadline::TimeoutHeader;
use tower_edge_core::http_ext::{Protocol, content_type, is_media_type};

use super::expiry::{Hook, Limit, TimeoutObserver};

/// Limits on the time of a response. A phase without a limit may take for ever. A limit of zero expires at the first
/// wait.
///
/// ```
/// use std::time::Duration;
///
/// use tower_edge::timeout::Timeouts;
///
/// const EXPORT: Timeouts = Timeouts::new().with_head(Duration::from_secs(60));
/// # let _ = EXPORT;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Timeouts {
    pub(super) head: Limit,
    pub(super) idle: Limit,
    pub(super) total: Limit,
}

impl Timeouts {
    /// No limits.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            head: Limit::NONE,
            idle: Limit::NONE,
            total: Limit::NONE,
        }
    }

    /// The limits of a layer that is only given that on the head.
    pub(super) fn with_defaults(head: Duration) -> Self {
        let total = head.saturating_add(AFTER_HEAD);
        Self::new()
            .with_head(head)
            .with_idle(head.max(IDLE))
            .with_total(total)
    }

    /// Whether any limit ends the wait for the head.
    pub(super) const fn has_end(&self) -> bool {
        !self.head.is_none() || !self.total.is_none()
    }

    /// The limits in the extensions of the request. An outer layer may have inserted them: a router for some of its
    /// routes, or authentication for some callers.
    ///
    /// [`UpstreamTimeoutLayer::with_timeouts_by`](super::UpstreamTimeoutLayer::with_timeouts_by) takes this function.
    #[must_use]
    pub fn from_request(head: Head<'_>) -> Option<Self> {
        head.extensions.get().copied()
    }

    /// Limits the time until the head of the response.
    #[must_use]
    pub const fn with_head(mut self, head: Duration) -> Self {
        self.head = Limit::new(head);
        self
    }

    /// Limits the time between two frames of the body, counted while the client waits for one.
    #[must_use]
    pub const fn with_idle(mut self, idle: Duration) -> Self {
        self.idle = Limit::new(idle);
        self
    }

    /// Limits the time until the end of the body, unless the response is a stream.
    #[must_use]
    pub const fn with_total(mut self, total: Duration) -> Self {
        self.total = Limit::new(total);
        self
    }
}

/// The settings of a layer besides its limits. A layer without any has none.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    /// `None` where deadlines of callers do not count.
    pub(super) deadline_headers: Option<Vec<TimeoutHeader>>,
    pub(super) is_stream: Option<IsStream>,
    pub(super) observer: TimeoutObserver,
    pub(super) timeouts_by: Option<TimeoutsBy>,
}

type IsStream = Hook<dyn Fn(StatusCode, &HeaderMap) -> bool + Send + Sync>;
type TimeoutsBy = Hook<dyn Fn(Head<'_>) -> Option<Timeouts> + Send + Sync>;

/// Whether a response lasts as long as there is data to send: an event stream, or one of gRPC or gRPC-Web, whose heads
/// are the same for calls and streams.
pub(super) fn is_stream(headers: &HeaderMap) -> bool {
    let Some(value) = content_type(headers) else {
        return false;
    };
    is_media_type(value, "text/event-stream")
        || Protocol::from_content_type(value) != Protocol::Http
}

/// The default of nginx and of the load balancers of AWS. Event streams send a comment each 15 to 30 seconds.
const IDLE: Duration = Duration::from_secs(60);
/// The time for the rest of a response.
const AFTER_HEAD: Duration = Duration::from_secs(5 * 60);

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;

    use super::*;

    #[test]
    fn event_streams_and_grpc_are_streams_by_their_type() {
        for (content_type, expected) in [
            ("text/event-stream", true),
            ("Text/Event-Stream; charset=utf-8", true),
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("Application/GRPC+proto", true),
            ("application/grpc;x=y", true),
            ("application/grpc ;x=y", true),
            ("application/grpc-web+proto", true),
            ("application/grpc-web-text", true),
            ("application/grpc-foo", false),
            ("application/grpcish", false),
            ("application/json", false),
            ("text/event-streams", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, content_type.parse().unwrap());

            assert_eq!(is_stream(&headers), expected, "{content_type:?}");
        }
        assert!(!is_stream(&HeaderMap::new()));
    }

    #[test]
    fn the_default_limits_are_those_of_the_docs() {
        let seconds = Duration::from_secs;
        for (head, idle, total) in [(1, 60, 301), (59, 60, 359), (90, 90, 390)] {
            let expected = Timeouts::new()
                .with_head(seconds(head))
                .with_idle(seconds(idle))
                .with_total(seconds(total));

            assert_eq!(Timeouts::with_defaults(seconds(head)), expected);
        }
        let endless = Timeouts::with_defaults(Duration::MAX);
        assert_eq!(endless, Timeouts::new());
    }
}
