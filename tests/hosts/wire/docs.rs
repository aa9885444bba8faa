//! The page that says what each server needs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../../../docs/guide/hosts.md");

/// The tests of `hosts`, as `cargo test` lists them.
fn tests() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("wire/hosts");
    let mut tests = BTreeSet::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        for test in text.split("async fn the_layers_hold").skip(1) {
            let name = test.split('(').next().unwrap_or_default();
            tests.insert(format!("hosts::{module}::the_layers_hold{name}"));
        }
    }
    tests
}

#[test]
fn each_row_of_the_page_names_a_test_and_each_test_has_a_row() {
    let rows = PAGE.lines().filter(|line| line.starts_with("| "));
    // The first is the head.
    let named = rows.skip(1).map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 4, "{row}");
        cells[3].trim().trim_matches('`').to_owned()
    });

    assert_eq!(named.collect::<BTreeSet<_>>(), tests());
}
