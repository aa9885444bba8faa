#[cfg(any(feature = "metrics", feature = "timeout"))]
use http::StatusCode;

#[cfg(feature = "metrics")]
use super::enabled::Metric;

/// A type for each metric. The docs of [`metrics`](crate::metrics) have the same, and a test compares them.
macro_rules! table {
    ($(
        $(#[$cfg:meta])*
        $metric:ident: $kind:ident $name:literal in $unit:ident by $labels:expr, $description:literal;
    )*) => {
        $(
            $(#[$cfg])*
            #[derive(Debug)]
            pub(crate) enum $metric {}

            $(#[$cfg])*
            #[cfg(feature = "metrics")]
            impl Metric for $metric {
                type Handle = ::metrics::$kind;

                const DESCRIPTION: &'static str = $description;
                const LABELS: &'static [&'static str] = &$labels;
                const NAME: &'static str = $name;
                const UNIT: ::metrics::Unit = ::metrics::Unit::$unit;
            }
        )*

        /// The rows of the table in the docs.
        #[cfg(feature = "metrics")]
        #[cfg(test)]
        pub(super) fn rows() -> Vec<String> {
            vec![$($(#[$cfg])* tests::row::<$metric>(),)*]
        }
    };
}

table! {
    #[cfg(feature = "client")]
    ClientRetries: Counter "tower_edge_client_retries_total" in Count by ["reason", "outcome"],
        "failed attempts that a client may retry, by whether it did";
    #[cfg(feature = "correlation-id")]
    ReplacedIds: Counter "tower_edge_correlation_ids_replaced_total" in Count by ["reason"],
        "requests whose id was not accepted";
    #[cfg(feature = "envelope")]
    Problems: Counter "tower_edge_problems_total" in Count by ["key", "status", "format"],
        "problems that were sent to clients";
    #[cfg(feature = "rate-limit")]
    LimitTimes: Histogram "tower_edge_rate_limit_decision_duration_seconds" in Seconds by ["result"],
        "the time of a decision by a store behind a network, such as Redis";
    #[cfg(feature = "rate-limit")]
    LimitDecisions: Counter "tower_edge_rate_limit_decisions_total" in Count by ["policy", "result"],
        "decisions of a store";
    #[cfg(feature = "rate-limit")]
    Evictions: Counter "tower_edge_rate_limit_evictions_total" in Count by ["policy"],
        "keys that a `MemoryStore` evicted before their quota was full again";
    #[cfg(feature = "rate-limit")]
    NearLimits: Counter "tower_edge_rate_limit_near_limit_total" in Count by ["policy"],
        "allowed requests that left less than a tenth of the quota";
    #[cfg(feature = "rate-limit")]
    StoreErrors: Counter "tower_edge_rate_limit_store_errors_total" in Count by ["policy", "result"],
        "requests without a decision, since the store failed";
    #[cfg(feature = "metrics")]
    RequestTimes: Histogram "tower_edge_request_duration_seconds" in Seconds by ["method", "route", "status", "key"],
        "the time until the head of a response";
    #[cfg(feature = "metrics")]
    RequestsInFlight: Gauge "tower_edge_requests_in_flight" in Count by [],
        "requests that wait for the head of their response";
    #[cfg(any(feature = "client", feature = "timeout"))]
    Expirations: Counter "tower_edge_timeouts_total" in Count by ["phase", "upstream", "operation", "result"],
        "time limits that have expired";
    #[cfg(feature = "timeout")]
    UpstreamTimes: Histogram "tower_edge_upstream_duration_seconds" in Seconds by ["upstream", "operation", "status"],
        "the time until a named upstream responded, or the wait ended";
    #[cfg(feature = "version-gate")]
    GateDecisions: Counter "tower_edge_version_gate_decisions_total" in Count by ["status", "platform", "result"],
        "requests by the version of their client";
}

/// The class of a status, such as `4xx`, as a label has it.
#[cfg(any(feature = "metrics", feature = "timeout"))]
pub(crate) const fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "other",
    }
}

#[cfg(feature = "metrics")]
#[cfg(test)]
mod tests {
    use super::super::enabled::{Handle, Metric};

    /// A row of the table in the docs.
    pub(super) fn row<M: Metric>() -> String {
        let labels = M::LABELS.iter().map(|label| format!("`{label}`"));
        let cells = [
            format!("`{}`", M::NAME),
            M::Handle::KIND.to_owned(),
            M::UNIT.as_str().to_owned(),
            labels.collect::<Vec<_>>().join(", "),
            M::DESCRIPTION.to_owned(),
        ];
        format!("//! | {} |", cells.join(" | ")).replace("|  |", "| |")
    }

    #[test]
    fn the_docs_have_the_metrics_of_the_code() {
        let docs = include_str!("../../metrics/mod.rs").lines();
        let mut documented = docs.filter(|line| line.starts_with("//! | `tower_edge_"));

        // A metric of a layer that is turned off is documented all the same.
        for row in super::rows() {
            assert!(documented.any(|documented| documented == row), "{row}");
        }
    }
}
