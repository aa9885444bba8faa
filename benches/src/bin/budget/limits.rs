//! What a request may cost.

use std::collections::BTreeMap;
use std::fmt;

/// What a request may cost beyond the bare service. No limit goes up without a reason beside it.
///
/// A target is what was aimed at before there was code; a limit above it says why.
pub(crate) const BUDGET: &[Limit] = &[
    // Target 1,400. Two fields are looked up, at 190 each, the value of a header is checked byte by byte, and the
    // clock is read, at 120, so that a copy of the process makes other ids.
    Limit::delta("correlation_id_made", "bare", [1900.0, 2.0]),
    // Target 900. An extension and a field are inserted, at 250 each beside their allocation.
    Limit::delta("correlation_id_incoming", "bare_with_id", [1380.0, 1.0]),
    // Target 450. The content type is looked up to know gRPC and event streams, a body that breaks off is ended, and
    // what is dropped is dropped where a panic of it is caught, at 100.
    Limit::delta("envelope", "bare", [780.0, 0.0]),
    // Target 500. A field is looked for among six, at 180, its text is checked byte by byte, and the response is
    // copied once.
    Limit::delta("version_gate", "bare", [760.0, 0.0]),
    // Target 1,700. Three fields are inserted at 300 each, the key is found and hashed at 450, and the decision has
    // what governor's has not: waits, and where the client stands under each policy.
    Limit::delta("rate_limit", "bare", [3450.0, 0.0]),
    // Target 650. As above, without the fields.
    Limit::delta("rate_limit_without_fields", "bare", [2110.0, 0.0]),
    // Target 100. The body is wrapped, for limits on silence and on the whole.
    Limit::delta("upstream_timeout", "bare", [340.0, 0.0]),
    // Target 650. The clock is read once more, since an inner future can starve the timer.
    Limit::delta("upstream_timeout_pending", "bare_pending", [1090.0, 0.0]),
    // Targets 4,500, 5,200, 5,000 and 6,500. The sum of the above, and axum's box where it is layered.
    Limit::delta("full", "bare", [7600.0, 2.0]),
    Limit::delta("full_pending", "bare_pending", [8400.0, 2.0]),
    Limit::delta("axum_outside", "axum_bare", [7750.0, 2.0]),
    Limit::delta("axum_layered", "axum_bare", [9350.0, 7.0]),
    // Target 7,000. 7,100 is what is let through; five allocations, two fields and an extension leave no room.
    Limit::delta("full_404", "bare_404", [10_700.0, 7.0]),
    // Target 5,000. Cache-Control and Vary are two fields more than were aimed for, at 300 each.
    Limit::delta("full_426", "bare", [9000.0, 7.0]),
    // Target 7,000. As full_404; the body has limit, window, wait and requests.
    Limit::delta("full_429", "bare", [11_450.0, 7.0]),
    // Target 7,000. As full_404; a server error has an occurrence and a time.
    Limit::delta("full_504", "bare_504", [10_900.0, 7.0]),
    // Target 100. governor's decision at 170, a keyed hash of any sort of key at 190, a lock, the clock, and where the
    // client stands.
    Limit::delta("store_check", "nothing", [830.0, 0.0]),
    // Target 1,100.
    Limit::delta("render_medianest", "nothing", [830.0, 1.0]),
    // Targets 0.31 and 0.44. Four inserts, four lookups and governor cost what they cost; the prototype aimed by did
    // less.
    Limit::ratio("axum_outside", "peers", "axum_bare", [0.55, 0.10]),
    Limit::ratio("axum_layered", "peers", "axum_bare", [0.67, 0.28]),
    Limit::ratio(
        "axum_layered_404",
        "peers_404",
        "axum_bare_404",
        [0.75, 0.40],
    ),
    Limit::ratio("axum_layered_429", "peers_429", "axum_bare", [0.61, 0.30]),
    Limit::ratio("store_check", "governor_check", "nothing", [1.5, 0.0]),
];

/// How many crates a user of tower-edge may have to build, without those that governor and tokio bring.
pub(crate) const CRATES: usize = 25;

/// Instructions and allocations of one request, the making of the request included.
pub(crate) type Cost = [f64; 2];

/// What a scenario may cost, over a baseline.
#[derive(Debug)]
pub(crate) struct Limit {
    scenario: &'static str,
    /// Of a ratio: what the scenario adds is a share of what the peer adds.
    peer: Option<&'static str>,
    baseline: &'static str,
    at_most: Cost,
}

/// A limit beside what was counted.
#[derive(Debug)]
pub(crate) struct Row {
    text: String,
    is_exceeded: bool,
}

impl Limit {
    const fn delta(scenario: &'static str, baseline: &'static str, at_most: Cost) -> Self {
        Self {
            scenario,
            peer: None,
            baseline,
            at_most,
        }
    }

    const fn ratio(
        scenario: &'static str,
        peer: &'static str,
        baseline: &'static str,
        at_most: Cost,
    ) -> Self {
        let peer = Some(peer);
        Self {
            peer,
            ..Self::delta(scenario, baseline, at_most)
        }
    }

    /// Whether this scenario has to be counted.
    pub(crate) fn needs(&self, scenario: &str) -> bool {
        [
            self.scenario,
            self.peer.unwrap_or(self.baseline),
            self.baseline,
        ]
        .contains(&scenario)
    }

    /// A limit on a scenario that was not counted is exceeded.
    pub(crate) fn compare(&self, costs: &BTreeMap<&str, Cost>) -> Row {
        let of = self
            .peer
            .map_or(String::new(), |peer| format!(" of {peer}"));
        let name = format!("{}{of} over {}", self.scenario, self.baseline);
        let cost @ [instructions, allocations] = self.cost(costs).unwrap_or([f64::INFINITY; 2]);
        let (most, digits) = (self.at_most, if of.is_empty() { 0 } else { 2 });
        let text = format!(
            "{name:<52} {instructions:>6.digits$} of {:>6.digits$} instructions \
             {allocations:>4.digits$} of {:>4.digits$} allocations",
            most[0], most[1]
        );
        let is_exceeded = cost[0] > most[0] || cost[1] > most[1];
        Row { text, is_exceeded }
    }

    /// `None` when a scenario was not counted.
    fn cost(&self, costs: &BTreeMap<&str, Cost>) -> Option<Cost> {
        let baseline = costs.get(self.baseline)?;
        let delta = |scenario| {
            let cost = costs.get(scenario)?;
            Some([cost[0] - baseline[0], cost[1] - baseline[1]])
        };
        let ours = delta(self.scenario)?;
        let Some(peer) = self.peer else {
            return Some(ours);
        };
        let peer = delta(peer)?;
        Some([ours[0] / peer[0].max(1.0), ours[1] / peer[1].max(1.0)])
    }
}

impl Row {
    /// A limit on a number of something else.
    pub(crate) fn count(name: &str, count: usize, at_most: usize) -> Self {
        Self {
            text: format!("{name:<52} {count:>6} of {at_most:>6}"),
            is_exceeded: count > at_most,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_exceeded { "EXCEEDED" } else { "ok" };
        write!(f, "{}  {verdict}", self.text)
    }
}

/// # Errors
///
/// When limits are exceeded; it has their rows.
pub(crate) fn verdict(rows: &[Row]) -> Result<(), String> {
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
            ("bare", [1000.0, 5.0]),
            ("full", [1500.0, 7.0]),
            ("peers", [3000.0, 25.0]),
        ]))
    }

    #[test]
    fn a_delta_is_exceeded_by_more_instructions_or_allocations() {
        let exceeds = |at_most| compare(&Limit::delta("full", "bare", at_most)).is_exceeded;

        assert!(!exceeds([500.0, 2.0]));
        assert!(exceeds([499.0, 2.0]));
        assert!(exceeds([500.0, 1.0]));
    }

    #[test]
    fn a_ratio_is_of_what_each_adds_to_the_baseline() {
        let exceeds = |most| compare(&Limit::ratio("full", "peers", "bare", most)).is_exceeded;

        assert!(!exceeds([0.25, 0.1]));
        assert!(exceeds([0.24, 0.1]));
        assert!(exceeds([0.25, 0.09]));
    }

    #[test]
    fn names_each_limit_that_is_exceeded_and_no_other() {
        let within = compare(&Limit::delta("full", "bare", [500.0, 2.0]));
        let above = compare(&Limit::delta("full", "bare", [499.0, 2.0]));
        let not_counted = compare(&Limit::ratio("gone", "peers", "bare", [1.0, 1.0]));

        let error = verdict(&[within, above, not_counted]).unwrap_err();

        let lines: Vec<_> = error.lines().map(str::trim).collect();
        assert_eq!(lines.len(), 3, "{error}");
        assert_eq!(lines[0], "2 of 3 limits exceeded:");
        assert!(lines[1].starts_with("full over bare"), "{error}");
        assert!(lines[2].starts_with("gone of peers over bare"), "{error}");
    }
}
