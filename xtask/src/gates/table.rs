use std::collections::BTreeMap;

use super::data::{Limit, Ratio, Time};
use crate::measure::Cost;

/// A gate beside what was measured.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    pub(super) text: String,
    pub(super) holds: bool,
}

pub(super) fn limit(limit: &Limit, costs: &BTreeMap<String, Cost>) -> Row {
    let name = &limit.scenario;
    let Some(cost) = over(costs, name, &limit.over) else {
        return missing(name);
    };
    let holds = cost.instructions <= limit.instructions && cost.allocations <= limit.allocations;
    let text = format!(
        "{name:<28} over {:<16} {:>6} of {:>6} instructions {:>3} of {:>3} allocations",
        limit.over, cost.instructions, limit.instructions, cost.allocations, limit.allocations
    );
    Row { text, holds }
}

pub(super) fn ratio(ratio: &Ratio, costs: &BTreeMap<String, Cost>) -> Row {
    let ours = over(costs, &ratio.ours.0, &ratio.ours.1);
    let theirs = over(costs, &ratio.theirs.0, &ratio.theirs.1);
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return missing(&ratio.ours.0);
    };
    let of = |ours: i64, theirs: i64| ours as f64 / theirs.max(1) as f64;
    let instructions = of(ours.instructions, theirs.instructions);
    let allocations = of(ours.allocations, theirs.allocations);
    let text = format!(
        "{:<28} of   {:<16} {instructions:>6.2} of {:>6.2} instructions {allocations:>3.2} of {:>3.2} allocations",
        ratio.ours.0, ratio.theirs.0, ratio.instructions, ratio.allocations
    );
    Row {
        text,
        holds: instructions <= ratio.instructions && allocations <= ratio.allocations,
    }
}

pub(super) fn time(gate: &Time, times: &BTreeMap<String, f64>) -> Row {
    let time = |name| times.get(name).copied();
    let (Some(ours), Some(of), Some(over)) =
        (time(&gate.scenario), time(&gate.of), time(&gate.over))
    else {
        return missing(&gate.scenario);
    };
    let ratio = (ours - over) / (of - over).max(1.0);
    let text = format!(
        "{:<28} of   {:<16} {ratio:>6.2} of {:>6.2} time",
        gate.scenario, gate.of, gate.at_most
    );
    Row {
        text,
        holds: ratio <= gate.at_most,
    }
}

fn over(costs: &BTreeMap<String, Cost>, scenario: &str, base: &str) -> Option<Cost> {
    let (cost, base) = (costs.get(scenario)?, costs.get(base)?);
    Some(Cost {
        allocations: cost.allocations - base.allocations,
        instructions: cost.instructions - base.instructions,
    })
}

fn missing(scenario: &str) -> Row {
    Row {
        text: format!("{scenario:<28} there is no such scenario"),
        holds: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs() -> BTreeMap<String, Cost> {
        let cost = |name: &str, instructions, allocations| {
            (
                name.to_owned(),
                Cost {
                    allocations,
                    instructions,
                },
            )
        };
        BTreeMap::from([
            cost("bare", 1000, 5),
            cost("full", 1500, 7),
            cost("peers", 3000, 25),
        ])
    }

    fn gate(instructions: i64, allocations: i64) -> Limit {
        Limit {
            scenario: "full".to_owned(),
            over: "bare".to_owned(),
            instructions,
            allocations,
        }
    }

    #[test]
    fn a_limit_holds_up_to_its_number() {
        assert!(limit(&gate(500, 2), &costs()).holds);
        assert!(!limit(&gate(499, 2), &costs()).holds);
        assert!(!limit(&gate(500, 1), &costs()).holds);
    }

    #[test]
    fn a_ratio_is_of_what_each_adds() {
        let pair = |one: &str| (one.to_owned(), "bare".to_owned());
        let gate = |instructions, allocations| Ratio {
            ours: pair("full"),
            theirs: pair("peers"),
            instructions,
            allocations,
        };

        assert!(ratio(&gate(0.25, 0.1), &costs()).holds);
        assert!(!ratio(&gate(0.24, 0.1), &costs()).holds);
    }

    #[test]
    fn a_time_is_over_what_both_stand_in_front_of() {
        let times = ["429", "200", "bare"].map(ToOwned::to_owned).into_iter();
        let times = times.zip([400.0, 300.0, 100.0]).collect();
        let gate = |at_most| Time {
            scenario: "429".to_owned(),
            of: "200".to_owned(),
            over: "bare".to_owned(),
            at_most,
        };

        assert!(time(&gate(1.5), &times).holds);
        assert!(!time(&gate(1.49), &times).holds);
    }

    #[test]
    fn a_gate_for_nothing_fails() {
        let gate = Limit {
            scenario: "gone".to_owned(),
            ..gate(1, 1)
        };

        assert!(!limit(&gate, &costs()).holds);
    }
}
