use std::collections::BTreeMap;
use std::fs;

use super::draw;
use crate::budget::counter;
use crate::command::{output, root};
use crate::failure::Failure;
use crate::prerequisites;

/// One response, by the bare router, by ours and by what others use.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) response: &'static str,
    pub(super) stacks: [Figure; 3],
}

/// What one request costs, the making of the request included: instructions, allocations and nanoseconds.
pub(super) type Figure = [f64; 3];

/// Bytes for a key in a store, against the number of keys in it.
pub(super) type Memory = BTreeMap<u64, f64>;

/// Measures, draws, and puts the figures into the README.
///
/// # Errors
///
/// When something cannot be measured, drawn or written.
pub(crate) fn run() -> Result<(), Failure> {
    prerequisites::install_for_budget()?;
    let rows = rows(&measured("figures")?).ok_or(Failure::Measurement)?;
    let stores = stores(&measured("memory")?).ok_or(Failure::Measurement)?;
    let readme = fs::read_to_string(root().join(README)).map_err(|cause| Failure::Read {
        path: README.to_owned(),
        cause,
    })?;
    let readme = with_table(&readme, &table(&rows)).ok_or(Failure::Marks)?;
    let cost = draw::cost(&rows).map_err(|error| Failure::drawing(&*error))?;
    let memory = draw::memory(&stores).map_err(|error| Failure::drawing(&*error))?;
    write("benches/plots/cost.svg", &cost)?;
    write("benches/plots/memory.svg", &memory)?;
    write(README, &readme)
}

fn measured(what: &str) -> Result<String, Failure> {
    println!("--> measure: {what}");
    let printed = output(what, &mut counter(what))?;
    Ok(String::from_utf8_lossy(&printed).into_owned())
}

fn write(path: &str, text: &str) -> Result<(), Failure> {
    println!("--> {path}");
    fs::write(root().join(path), text).map_err(|cause| Failure::Write {
        path: path.to_owned(),
        cause,
    })
}

/// Out of lines of `SCENARIO INSTRUCTIONS ALLOCATIONS NANOSECONDS`; `None` when a scenario is missing.
fn rows(printed: &str) -> Option<Vec<Row>> {
    let figure = |scenario: &str| {
        let line = printed
            .lines()
            .find_map(|line| line.strip_prefix(scenario)?.strip_prefix(' '));
        let mut numbers = line?.split(' ').map_while(|number| number.parse().ok());
        Some([numbers.next()?, numbers.next()?, numbers.next()?])
    };
    let row = |(response, scenarios): (_, [&str; 3])| {
        let [bare, ours, theirs] = scenarios.map(figure);
        let stacks = [bare?, ours?, theirs?];
        Some(Row { response, stacks })
    };
    SCENARIOS.into_iter().map(row).collect()
}

/// Out of lines of `STORE KEYS BYTES`, in the order of [`STORES`]; `None` when a store is missing.
fn stores(printed: &str) -> Option<Vec<(&'static str, Memory)>> {
    let store = |(store, name)| {
        let lines = printed
            .lines()
            .filter_map(|line| line.strip_prefix(store)?.strip_prefix(' '));
        let point = |line: &str| {
            let (keys, bytes) = line.split_once(' ')?;
            Some((keys.parse().ok()?, bytes.parse().ok()?))
        };
        let memory: Memory = lines.map(point).collect::<Option<_>>()?;
        (!memory.is_empty()).then_some((name, memory))
    };
    STORES.into_iter().map(store).collect()
}

/// What each stack adds to the bare router.
fn table(rows: &[Row]) -> String {
    let mut table = String::from("\n| | tower-edge | the others |\n|---|---|---|\n");
    for Row {
        response,
        stacks: [bare, ours, theirs],
    } in rows
    {
        let cell = |figure: &Figure| {
            let [instructions, allocations, nanos] = [0, 1, 2].map(|at| figure[at] - bare[at]);
            // Hundreds are as exact as instructions are from one machine to another.
            let hundreds = (instructions / 100.0).round();
            let (thousands, hundreds) = ((hundreds / 10.0).floor(), hundreds % 10.0);
            let micros = nanos / 1000.0;
            format!(
                "{thousands},{hundreds}00 instructions, {allocations} allocations, {micros:.1} µs"
            )
        };
        table += &format!("| {response} | {} | {} |\n", cell(ours), cell(theirs));
    }
    table + "\n"
}

/// The text with this table between its two marks; `None` when a mark is missing.
fn with_table(readme: &str, table: &str) -> Option<String> {
    let (before, rest) = readme.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

/// A bare router neither limits nor gates: what it would have cost to serve stands beside those.
const SCENARIOS: [(&str, [&str; 3]); 4] = [
    ("200", ["axum_bare", "axum_layered", "peers"]),
    ("404", ["axum_bare_404", "axum_layered_404", "peers_404"]),
    ("426", ["axum_bare", "axum_layered_426", "peers_426"]),
    ("429", ["axum_bare", "axum_layered_429", "peers_429"]),
];
/// Ours first: it has the colour of ours in the other picture.
const STORES: [(&str, &str); 3] = [
    ("tower_edge_string", "MemoryStore, any key"),
    ("governor_u64", "governor, u64"),
    ("governor_string", "governor, String"),
];
const README: &str = "README.md";
const BEGIN: &str = "<!-- figures, by `cargo xtask plot` -->";
const END: &str = "<!-- end of figures -->";

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "axum_bare 4040 2 500.0\naxum_bare_404 1 1 1\naxum_layered 8080 4 1000.0\n\
        axum_layered_404 1 1 1\naxum_layered_426 1 1 1\naxum_layered_429 1 1 1\npeers 16160 8 2000.0\n\
        peers_404 1 1 1\npeers_426 1 1 1\npeers_429 1 1 1\n";

    #[test]
    fn the_figures_are_over_bare() {
        let rows = rows(PRINTED).unwrap();

        assert_eq!(
            table(&rows[..1]),
            "\n| | tower-edge | the others |\n|---|---|---|\n\
             | 200 | 4,000 instructions, 2 allocations, 0.5 µs | 12,100 instructions, 6 allocations, 1.5 µs |\n\n"
        );
    }

    #[test]
    fn a_figure_that_was_not_measured_is_missing() {
        assert!(rows(&PRINTED.replace("peers_429", "peers_430")).is_none());
        assert!(rows(&PRINTED.replace("16160", "many")).is_none());
    }

    #[test]
    fn a_store_has_a_point_for_each_number_of_keys() {
        let printed = "tower_edge_string 10 1.5\ngovernor_u64 10 3\ngovernor_string 10 4\ntower_edge_string 20 2\n";

        let stores = stores(printed).unwrap();

        assert_eq!(stores[0].1, Memory::from([(10, 1.5), (20, 2.0)]));
        assert!(super::stores("governor_u64 10 3\n").is_none());
    }

    #[test]
    fn the_table_stands_between_the_marks_of_a_text_that_has_them() {
        let readme = format!("before\n{BEGIN}\nold\n{END}\nafter\n");

        assert_eq!(
            with_table(&readme, "new\n").unwrap(),
            format!("before\n{BEGIN}\nnew\n{END}\nafter\n")
        );
        assert!(with_table("no marks", "new\n").is_none());
    }
}
