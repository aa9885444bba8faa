//! What a request may cost.

use std::collections::BTreeMap;
use std::{fmt, iter};

/// What a request may cost beyond the bare service, in this build: one without telemetry, or with one
/// sort of it. No limit goes up without a reason beside it.
///
/// A target is what was aimed at before there was code; a limit above it says why.
pub(crate) fn budget() -> impl Iterator<Item = &'static Limit> {
    let tables: &[&[Limit]] = if cfg!(feature = "tracing") {
        &[TRACING]
    } else if cfg!(feature = "metrics") {
        &[METRICS]
    } else {
        &[ALONE, EDGE, FIVE, PEERS]
    };
    tables.iter().copied().flatten()
}

/// Each layer alone, and its parts. Without another reason, a layer alone costs about 250 more than its own service
/// did before one service ran the gates of all layers: the driver lends the head of the request, holds what the gate
/// remembers, and takes the response apart. An `Edge` pays that once.
const ALONE: &[Limit] = &[
    // Target 1,400. One walk finds two fields at 230, the value of a header is checked byte by byte, and the clock is
    // read, at 120, so that a copy of the process makes other ids.
    Limit::delta("correlation_id/plain/200", [2170.0, 2.0]),
    // Target 900. An extension and a field are inserted, at 250 each beside their allocation.
    Limit::delta("correlation_id/plain/200_with_id", [1880.0, 1.0]),
    // Target 450. The content type is looked up to know gRPC and event streams, a body that breaks off is ended, and
    // what is dropped is dropped where a panic of it is caught, at 100.
    Limit::delta("envelope/plain/200", [860.0, 0.0]),
    // Target 500. A field is looked for among six, at 180, and its text is checked byte by byte.
    Limit::delta("version_gate/plain/200", [1050.0, 0.0]),
    // Target 1,700. Three fields are inserted at 300 each, the key is found and hashed at 450, and the decision has
    // what governor's has not: waits, and where the client stands under each policy.
    Limit::delta("rate_limit/plain/200", [3620.0, 0.0]),
    // Target 650. As above, without the fields.
    Limit::delta("rate_limit_without_fields/plain/200", [2300.0, 0.0]),
    // Target 100. The body is wrapped, for limits on silence and on the whole, and the future has room for a timer,
    // which is copied with it.
    Limit::delta("upstream_timeout/plain/200", [710.0, 0.0]),
    // Target 650. The clock is read once more, since an inner future can starve the timer.
    Limit::delta("upstream_timeout/plain/pending", [1510.0, 0.0]),
    // The content type of the response is looked up, since a stream has no total.
    Limit::delta("upstream_timeout_by_default/plain/200", [800.0, 0.0]),
    // Target 100. governor's decision at 170, a keyed hash of any sort of key at 190, a lock, the clock, and where the
    // client stands.
    Limit::delta("tower_edge/check", [830.0, 0.0]),
    Limit::ratio("tower_edge/check", "governor", [1.5, 0.0]),
    // Target 1,100.
    Limit::delta("medianest/render", [400.0, 1.0]),
];

/// All five layers, in one service. The targets are those of a trial, whose gates did less: one policy, one format, no
/// hooks, no `Charge`, no deadlines. Of a 200, 1,150 are four fields that are inserted, 750 the fields of the request,
/// 1,200 the limit's key and decision, 500 an id, 450 the version, and 1,300 what is copied and called by the driver.
const EDGE: &[Limit] = &[
    // Target 4,300.
    Limit::delta("edge/plain/200", [6710.0, 2.0]),
    Limit::delta("edge/plain/200_with_id", [6470.0, 1.0]),
    Limit::delta("edge/plain/200_15_fields", [7050.0, 2.0]),
    // Target 5,000.
    Limit::delta("edge/plain/pending", [7570.0, 2.0]),
    // Target 7,000. The error is inspected, stripped, and written by a catalogue.
    Limit::delta("edge/plain/404", [9520.0, 7.0]),
    // Target 5,500. Cache-Control and Vary are two fields more than others have, at 300 each.
    Limit::delta("edge/plain/426", [8500.0, 5.0]),
    // Target 5,000. The body has limit, window, wait and requests, and seven fields grow the map of the request at 500.
    Limit::delta("edge/plain/429", [10_420.0, 5.0]),
    // Target 7,200. A server error has an id and a time, and what was too slow is dropped before it is written.
    Limit::delta("edge/plain/504", [9630.0, 8.0]),
    Limit::delta("edge/outside/200", [6700.0, 2.0]),
    // Target 5,600. From here on with axum's box, and for errors with a map of fields that grows.
    Limit::delta("edge/layered/200", [8100.0, 7.0]),
    Limit::delta("edge/layered/200_15_fields", [8590.0, 7.0]),
    Limit::delta("edge/layered/pending", [8990.0, 7.0]),
    Limit::delta("edge/layered/404", [11_080.0, 13.0]),
    Limit::delta("edge/layered/426", [9060.0, 7.0]),
    Limit::delta("edge/layered/429", [10_980.0, 7.0]),
    Limit::delta("edge/layered/504", [12_130.0, 15.0]),
];

/// All five layers, a driver each: 250 more for each than a service of its own, as above.
const FIVE: &[Limit] = &[
    Limit::delta("five/plain/200", [8840.0, 2.0]),
    Limit::delta("five/plain/200_with_id", [8570.0, 1.0]),
    Limit::delta("five/plain/200_15_fields", [9420.0, 2.0]),
    Limit::delta("five/plain/pending", [9810.0, 2.0]),
    Limit::delta("five/plain/404", [11_640.0, 7.0]),
    Limit::delta("five/plain/426", [9910.0, 5.0]),
    Limit::delta("five/plain/429", [12_710.0, 5.0]),
    Limit::delta("five/plain/504", [11_740.0, 8.0]),
    Limit::delta("five/outside/200", [8960.0, 2.0]),
    Limit::delta("five/layered/200", [10_520.0, 7.0]),
    Limit::delta("five/layered/200_15_fields", [11_060.0, 7.0]),
    Limit::delta("five/layered/pending", [11_540.0, 7.0]),
    Limit::delta("five/layered/404", [13_300.0, 13.0]),
    Limit::delta("five/layered/426", [10_630.0, 7.0]),
    Limit::delta("five/layered/429", [13_480.0, 7.0]),
    Limit::delta("five/layered/504", [14_500.0, 15.0]),
];

/// What ours adds, as a share of what others in its place add.
const PEERS: &[Limit] = &[
    // Target 0.40.
    Limit::ratio("edge/layered/200", "tower_governor/layered", [0.59, 0.28]),
    // Target 0.65, as for the other rejections; of a 429 0.30.
    Limit::ratio("edge/layered/404", "tower_governor/layered", [0.66, 0.40]),
    Limit::ratio("edge/layered/426", "tower_governor/layered", [0.98, 0.43]),
    Limit::ratio("edge/layered/429", "tower_governor/layered", [0.55, 0.21]),
    Limit::ratio("edge/layered/504", "tower_governor/layered", [0.70, 0.47]),
    Limit::ratio("edge/layered/200", "axum_governor/layered", [0.42, 0.24]),
    Limit::ratio("edge/layered/404", "axum_governor/layered", [0.53, 0.39]),
    // A rejection clones axum's route, to give back what the readied one has reserved.
    Limit::ratio("edge/layered/426", "axum_governor/layered", [0.99, 0.43]),
    Limit::ratio("edge/layered/429", "axum_governor/layered", [0.50, 0.20]),
    Limit::ratio("edge/layered/504", "axum_governor/layered", [0.56, 0.45]),
    // It counts by address, and writes no fields.
    Limit::ratio("edge/layered/200", "axum_gcra/axum07", [0.57, 0.31]),
    Limit::ratio("edge/layered/404", "axum_gcra/axum07", [0.76, 0.56]),
    Limit::ratio("edge/layered/426", "axum_gcra/axum07", [0.88, 0.37]),
    Limit::ratio("edge/layered/429", "axum_gcra/axum07", [0.65, 0.27]),
    Limit::ratio("edge/layered/504", "axum_gcra/axum07", [0.73, 0.56]),
    Limit::ratio("five/layered/200", "tower_governor/layered", [0.76, 0.28]),
    Limit::ratio("five/layered/429", "tower_governor/layered", [0.67, 0.21]),
];

/// With a subscriber that formats what is of level info, beside tower-http's `TraceLayer`.
const TRACING: &[Limit] = &[
    // Target 11,000. Beside the layers, a span is opened with eight fields at 3,300, four are recorded at 1,600, and it is
    // entered five times and closed. Of the allocations one is a subscriber's, whose text of a span grows once more for the
    // names of OpenTelemetry.
    Limit::delta("edge/layered/200", [18_400.0, 13.0]),
    Limit::delta("edge/layered/429", [21_750.0, 13.0]),
    Limit::ratio("edge/layered/200", "tower_governor/layered", [0.89, 0.42]),
    Limit::ratio("edge/layered/429", "tower_governor/layered", [0.79, 0.34]),
    Limit::delta("five/layered/200", [20_000.0, 13.0]),
];

/// With a recorder for Prometheus, beside `axum-prometheus`, which also counts durations. A count allocates nothing: each
/// number of allocations is that without telemetry.
const METRICS: &[Limit] = &[
    Limit::delta("edge/layered/200", [9100.0, 7.0]),
    Limit::delta("edge/layered/429", [12_300.0, 7.0]),
    Limit::ratio("edge/layered/200", "tower_governor/layered", [0.31, 0.12]),
    Limit::ratio("edge/layered/429", "tower_governor/layered", [0.35, 0.11]),
    Limit::delta("five/layered/200", [11_450.0, 7.0]),
    Limit::delta("request_metrics/plain/200", [1400.0, 0.0]),
];

/// How many crates a user of tower-edge may have to build, without those that governor and tokio bring.
pub(crate) const CRATES: usize = 25;

/// Instructions and allocations of one request, the making of the request included.
pub(crate) type Cost = [f64; 2];

/// What a scenario may cost, over the bare form of the same place and response.
#[derive(Debug)]
pub(crate) struct Limit {
    scenario: &'static str,
    /// Of a ratio: what the scenario adds is a share of what this form in its place adds to the same response.
    peer: Option<&'static str>,
    at_most: Cost,
}

/// A limit beside what was counted.
#[derive(Debug)]
pub(crate) struct Row {
    text: String,
    is_exceeded: bool,
}

impl Limit {
    const fn delta(scenario: &'static str, at_most: Cost) -> Self {
        Self {
            scenario,
            peer: None,
            at_most,
        }
    }

    const fn ratio(scenario: &'static str, peer: &'static str, at_most: Cost) -> Self {
        Self {
            scenario,
            peer: Some(peer),
            at_most,
        }
    }

    /// Whether this scenario has to be counted.
    pub(crate) fn needs(&self, scenario: &str) -> bool {
        let names = iter::once(self.scenario.to_owned()).chain(self.peer());
        names
            .flat_map(|name| [bare(&name), Some(name)])
            .any(|name| name.as_deref() == Some(scenario))
    }

    fn peer(&self) -> Option<String> {
        let (_, response) = self.scenario.rsplit_once('/')?;
        self.peer.map(|peer| format!("{peer}/{response}"))
    }

    /// A limit on a scenario that was not counted is exceeded.
    pub(crate) fn compare(&self, costs: &BTreeMap<String, Cost>) -> Row {
        let of = self
            .peer
            .map_or(String::new(), |peer| format!(" of {peer}"));
        let name = format!("{}{of}", self.scenario);
        let cost @ [instructions, allocations] = self.cost(costs).unwrap_or([f64::INFINITY; 2]);
        let (most, digits) = (self.at_most, if of.is_empty() { 0 } else { 2 });
        let text = format!(
            "{name:<46} {instructions:>6.digits$} of {:>6.digits$} instructions \
             {allocations:>4.digits$} of {:>4.digits$} allocations",
            most[0], most[1]
        );
        let is_exceeded = cost[0] > most[0] || cost[1] > most[1];
        Row { text, is_exceeded }
    }

    /// `None` when a scenario was not counted.
    fn cost(&self, costs: &BTreeMap<String, Cost>) -> Option<Cost> {
        let added = |scenario: &str| {
            let (cost, bare) = (costs.get(scenario)?, costs.get(&bare(scenario)?)?);
            Some([cost[0] - bare[0], cost[1] - bare[1]])
        };
        let ours = added(self.scenario)?;
        let Some(peer) = self.peer() else {
            return Some(ours);
        };
        let peer = added(&peer)?;
        Some([ours[0] / peer[0].max(1.0), ours[1] / peer[1].max(1.0)])
    }
}

/// The name of what a scenario adds to.
fn bare(scenario: &str) -> Option<String> {
    let (_, case) = scenario.split_once('/')?;
    Some(format!("bare/{case}"))
}

impl Row {
    /// A limit on a number of something else.
    pub(crate) fn count(name: &str, count: usize, at_most: usize) -> Self {
        Self {
            text: format!("{name:<46} {count:>6} of {at_most:>6}"),
            is_exceeded: count > at_most,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let check = if self.is_exceeded { "EXCEEDED" } else { "ok" };
        write!(f, "{}  {check}", self.text)
    }
}

/// # Errors
///
/// When limits are exceeded; it has their rows.
pub(crate) fn check(rows: &[Row]) -> Result<(), String> {
    let exceeded = rows.iter().filter(|row| row.is_exceeded);
    let exceeded: Vec<_> = exceeded.map(|row| row.text.as_str()).collect();
    if exceeded.is_empty() {
        return Ok(());
    }
    let (number, list) = (exceeded.len(), exceeded.join("\n  "));
    Err(format!(
        "{number} of {} limits exceeded:\n  {list}",
        rows.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(limit: &Limit) -> Row {
        limit.compare(&BTreeMap::from([
            ("bare/plain/200".to_owned(), [1000.0, 5.0]),
            ("bare/axum07/200".to_owned(), [2000.0, 5.0]),
            ("five/plain/200".to_owned(), [1500.0, 7.0]),
            ("peers/axum07/200".to_owned(), [4000.0, 25.0]),
        ]))
    }

    #[test]
    fn a_delta_is_exceeded_by_more_instructions_or_allocations() {
        let exceeds = |at_most| compare(&Limit::delta("five/plain/200", at_most)).is_exceeded;

        assert!(!exceeds([500.0, 2.0]));
        assert!(exceeds([499.0, 2.0]));
        assert!(exceeds([500.0, 1.0]));
    }

    #[test]
    fn a_ratio_is_of_what_each_adds_to_its_own_bare_service() {
        let exceeds = |most| {
            let limit = Limit::ratio("five/plain/200", "peers/axum07", most);
            compare(&limit).is_exceeded
        };

        assert!(!exceeds([0.25, 0.1]));
        assert!(exceeds([0.24, 0.1]));
        assert!(exceeds([0.25, 0.09]));
    }

    #[test]
    fn names_each_limit_that_is_exceeded_and_no_other() {
        let within = compare(&Limit::delta("five/plain/200", [500.0, 2.0]));
        let above = compare(&Limit::delta("five/plain/200", [499.0, 2.0]));
        let not_counted = compare(&Limit::ratio(
            "gone/plain/200",
            "peers/axum07/200",
            [1.0, 1.0],
        ));

        let error = check(&[within, above, not_counted]).unwrap_err();

        let lines: Vec<_> = error.lines().map(str::trim).collect();
        assert_eq!(lines.len(), 3, "{error}");
        assert_eq!(lines[0], "2 of 3 limits exceeded:");
        assert!(lines[1].starts_with("five/plain/200 "), "{error}");
        assert!(
            lines[2].starts_with("gone/plain/200 of peers/axum07"),
            "{error}"
        );
    }
}
