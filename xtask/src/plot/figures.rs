use std::collections::BTreeMap;
use std::fs;

use super::draw;
use crate::budget::counter;
use crate::command::{output, root};
use crate::failure::Failure;
use crate::prerequisites;

/// One response, by each of [`STACKS`].
#[derive(Debug)]
pub(super) struct Row {
    pub(super) response: &'static str,
    pub(super) stacks: [Stack; STACKS.len()],
}

/// One request by a stack, and by the bare router that it stands around.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stack {
    pub(super) figure: Figure,
    bare: Figure,
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
    let printed = output(what, &mut counter(what, ""))?;
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
    let row = |response| {
        let stack = |(_, place, form): (_, &str, &str)| {
            let of = |form| figure(&format!("{form}/{place}/{response}"));
            let (figure, bare) = (of(form)?, of("bare")?);
            Some(Stack { figure, bare })
        };
        let stacks: Option<Vec<_>> = STACKS.into_iter().map(stack).collect();
        let stacks = stacks?.try_into().ok()?;
        Some(Row { response, stacks })
    };
    RESPONSES.into_iter().map(row).collect()
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

/// What each stack adds to the bare router that it stands around.
fn table(rows: &[Row]) -> String {
    let names = STACKS.iter().skip(1);
    let names: String = names.map(|(name, ..)| format!(" {name} |")).collect();
    let lines = "---|".repeat(STACKS.len());
    let mut table = format!("\n| |{names}\n|{lines}\n");
    for Row { response, stacks } in rows {
        let cells: String = stacks.iter().skip(1).map(cell).collect();
        table += &format!("| {response} |{cells}\n");
    }
    table + "\n"
}

fn cell(Stack { figure, bare }: &Stack) -> String {
    let [instructions, allocations, nanos] = [0, 1, 2].map(|at| figure[at] - bare[at]);
    // Hundreds are as exact as instructions are from one machine to another.
    let hundreds = (instructions / 100.0).round();
    let (thousands, hundreds) = ((hundreds / 10.0).floor(), hundreds % 10.0);
    let micros = nanos / 1000.0;
    format!(" {thousands},{hundreds}00 instructions, {allocations} allocations, {micros:.1} µs |")
}

/// The text with this table between its two marks; `None` when a mark is missing.
fn with_table(readme: &str, table: &str) -> Option<String> {
    let (before, rest) = readme.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

/// Who responds: its name, and its place and form among the scenarios. The bare router is first; it neither limits nor
/// gates, and what it would have cost to serve stands beside what others reject.
pub(super) const STACKS: [(&str, &str, &str); 6] = [
    ("bare axum", "layered", "bare"),
    ("Edge", "layered", "edge"),
    ("five layers", "layered", "five"),
    ("tower-http, tower_governor", "layered", "tower_governor"),
    ("tower-http, axum-governor", "layered", "axum_governor"),
    ("tower-http, axum_gcra", "axum07", "axum_gcra"),
];
const RESPONSES: [&str; 5] = ["200", "404", "426", "429", "504"];
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

    /// `bare` costs 1,000, `five` 5,040 and all others 10,000.
    fn printed() -> String {
        let mut printed = String::new();
        for response in RESPONSES {
            for (_, place, form) in STACKS {
                let (instructions, allocations) = match form {
                    "bare" => (1000, 2),
                    "five" => (5040, 4),
                    _ => (10_000, 9),
                };
                let nanos = instructions / 10;
                printed += &format!("bare/{place}/{response} 1000 2 100.0\n");
                printed +=
                    &format!("{form}/{place}/{response} {instructions} {allocations} {nanos}.0\n");
            }
        }
        printed
    }

    #[test]
    fn the_figures_are_over_bare() {
        let rows = rows(&printed()).unwrap();

        let table = table(&rows);

        let row = table
            .lines()
            .find(|line| line.starts_with("| 200 |"))
            .unwrap();
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), STACKS.len());
        assert_eq!(cells[2], "4,000 instructions, 2 allocations, 0.4 µs");
        assert_eq!(cells[4], "9,000 instructions, 7 allocations, 0.9 µs");
    }

    #[test]
    fn a_figure_that_was_not_measured_is_missing() {
        assert!(rows(&printed().replace("axum_gcra/axum07/429", "gone")).is_none());
        assert!(rows(&printed().replace("bare/axum07/200", "gone")).is_none());
        assert!(rows(&printed().replace("5040", "many")).is_none());
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
