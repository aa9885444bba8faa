use std::collections::BTreeMap;

use crate::measure::Cost;

/// What is drawn of each answer, in the order of the picture.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) rows: Vec<Row>,
}

/// One answer, by the bare router, by ours and by what others use.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) answer: &'static str,
    pub(super) stacks: [Figure; 3],
}

/// What one request costs, the making of the request included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figure {
    pub(super) allocations: f64,
    pub(super) instructions: f64,
    pub(super) nanos: f64,
}

/// Who answers, in the order of [`Row::stacks`].
pub(super) const STACKS: [&str; 3] = ["bare axum", "tower-edge", "the others"];

impl Figures {
    /// `None` when a scenario is missing.
    pub(super) fn of(
        costs: &BTreeMap<String, Cost>,
        times: &BTreeMap<String, f64>,
    ) -> Option<Self> {
        let figure = |scenario: &str| {
            let cost = costs.get(scenario)?;
            Some(Figure {
                allocations: cost.allocations as f64,
                instructions: cost.instructions as f64,
                nanos: *times.get(scenario)?,
            })
        };
        let row = |(answer, scenarios): (_, [&str; 3])| {
            let [bare, ours, theirs] = scenarios.map(figure);
            Some(Row {
                answer,
                stacks: [bare?, ours?, theirs?],
            })
        };
        let rows = SCENARIOS.into_iter().map(row).collect::<Option<_>>()?;
        Some(Self { rows })
    }
}

/// A bare router neither limits nor gates: what it would have cost to serve stands beside those.
const SCENARIOS: [(&str, [&str; 3]); 4] = [
    ("200", ["axum_bare", "axum_layered", "peers"]),
    ("404", ["axum_bare_404", "axum_layered_404", "peers_404"]),
    ("426", ["axum_bare", "axum_layered_426", "peers_426"]),
    ("429", ["axum_bare", "axum_layered_429", "peers_429"]),
];
