//! The metrics in the tables of the crates' docs.

use std::collections::{BTreeMap, BTreeSet};

/// A row of a table.
#[derive(Debug)]
pub(crate) struct Documented {
    pub(crate) is_histogram: bool,
    pub(crate) labels: BTreeSet<&'static str>,
}

/// The cells of each row: name, kind, unit, labels and what is counted.
pub(crate) fn rows() -> Vec<[&'static str; 5]> {
    let lines = DOCS.iter().flat_map(|docs| docs.lines());
    let rows = lines.filter_map(|line| line.strip_prefix("//! | `tower_edge_").map(|_| &line[4..]));
    let rows: Vec<_> = rows
        .map(|row| {
            let mut cells = row.trim_matches('|').split('|').map(str::trim);
            std::array::from_fn(|_| cells.next().expect("five cells"))
        })
        .collect();
    assert!(rows.len() >= 19, "{rows:?}");
    rows
}

/// By their names.
pub(crate) fn metrics() -> BTreeMap<&'static str, Documented> {
    let quoted = |cell: &'static str| cell.split('`').skip(1).step_by(2);
    let metric = |[name, kind, _, labels, _]: [&'static str; 5]| {
        let metric = Documented {
            is_histogram: kind == "histogram",
            labels: quoted(labels).collect(),
        };
        (name.trim_matches('`'), metric)
    };
    rows().into_iter().map(metric).collect()
}

const DOCS: [&str; 2] = [
    include_str!("../../crates/tower-edge/src/metrics/mod.rs"),
    include_str!("../../crates/tower-edge-redis/src/lib.rs"),
];
