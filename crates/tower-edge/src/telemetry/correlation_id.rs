//! Logs why the id of a client was not accepted, and that a call upstream has no id.

#[cfg(feature = "client")]
#[cfg(feature = "tracing")]
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(feature = "correlation-id")]
use tower_edge_core::InvalidCorrelationId;

#[cfg(feature = "correlation-id")]
use super::count::{ReplacedIds, Series};

/// Counts a request whose id was not accepted, since it is not valid or the request is not trusted, and logs it at
/// level DEBUG. The id itself is not logged.
#[cfg(feature = "correlation-id")]
#[cold]
pub(crate) fn record_not_accepted(
    counted: &Series<ReplacedIds>,
    span: &super::span::Span,
    invalid: Option<(&http::HeaderName, InvalidCorrelationId)>,
) {
    counted.increment(&[match invalid {
        Some((_, InvalidCorrelationId::Byte(_))) => "byte",
        Some((_, InvalidCorrelationId::Empty)) => "empty",
        Some((_, InvalidCorrelationId::Repeated)) => "repeated",
        Some((_, InvalidCorrelationId::TooLong(_))) => "too_long",
        Some(_) => "other",
        None => "untrusted",
    }]);
    #[cfg(feature = "tracing")]
    {
        let _entered = span.enter();
        let reason = invalid
            .as_ref()
            .map(|(_, reason)| reason as &dyn std::fmt::Display);
        tracing::debug!(
            target: TARGET,
            {
                correlation.header = invalid.map(|(header, _)| header.as_str()),
                correlation.reason = %reason.unwrap_or(&"the request is not trusted"),
            },
            "correlation id not accepted"
        );
    }
    let _ = (span, invalid);
}

/// Logs at level WARN, once, that a request is sent upstream without an id.
#[cfg(feature = "client")]
#[cold]
pub(crate) fn log_no_context() {
    #[cfg(feature = "tracing")]
    if tracing::enabled!(target: TARGET, tracing::Level::WARN)
        && !IS_LOGGED.swap(true, Ordering::Relaxed)
    {
        tracing::warn!(
            target: TARGET,
            "a request went upstream without a correlation id, since there is no current one: put \
             `CorrelationIdLayer` around the service that makes the call, and wrap what it spawns in \
             `in_current_context`"
        );
    }
}

#[cfg(feature = "client")]
#[cfg(feature = "tracing")]
static IS_LOGGED: AtomicBool = AtomicBool::new(false);
#[cfg(feature = "tracing")]
const TARGET: &str = "tower_edge::correlation_id";

#[cfg(all(feature = "metrics", feature = "correlation-id"))]
#[cfg(test)]
mod count_tests {
    use std::convert::Infallible;

    use http::{Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    use crate::correlation_id::CorrelationIdLayer;
    use crate::telemetry::test_support::count::Counted;

    #[test]
    fn ids_that_are_not_accepted_are_counted_by_the_reason() {
        let counted = |layer: CorrelationIdLayer, id: &str| {
            let service = layer.layer(service_fn(async |_: Request<()>| {
                Ok::<_, Infallible>(Response::new(String::new()))
            }));
            let request = Request::get("/").header("x-correlation-id", id);
            Counted::meanwhile(|| {
                block_on(service.oneshot(request.body(()).unwrap())).unwrap();
            })
        };
        let layer = CorrelationIdLayer::new;
        let line = |reason| format!("tower_edge_correlation_ids_replaced_total reason={reason} 1");

        assert_eq!(counted(layer(), "req_1"), [""; 0]);
        assert_eq!(counted(layer(), "a b"), [line("byte")]);
        assert_eq!(counted(layer(), &"a".repeat(300)), [line("too_long")]);
        let distrusting = layer().with_trust(|_| false);
        assert_eq!(counted(distrusting, "req_1"), [line("untrusted")]);
    }
}
