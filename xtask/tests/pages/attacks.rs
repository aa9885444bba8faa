//! The tests that the table of attacks in `SECURITY.md` names.

use crate::{files, read};

#[test]
fn each_row_of_the_table_of_attacks_names_tests_that_exist() {
    let page = read("SECURITY.md");
    let (_, table) = page.split_once("| attack | result now | test |").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| "));
    let tests = tests();
    let exists = |name: &str| {
        tests
            .iter()
            .any(|test| test.contains(&format!("::{name}::")))
    };

    let mut missing = Vec::new();
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 3, "{row}");
        // Every second part is between backticks.
        let names = named(cells[2].split('`').skip(1).step_by(2));
        if names.is_empty() {
            missing.push(row.to_owned());
        }
        missing.extend(names.into_iter().filter(|name| !exists(name)));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// The names in full: `…` stands for the module of the one before.
fn named<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut module = String::new();
    let in_full = names.map(|name| {
        let name = name.replace('…', &module);
        module = name
            .rsplit_once("::")
            .map_or(String::new(), |(module, _)| module.to_owned());
        name
    });
    in_full.collect()
}

/// Each as `::` and the folders, modules and name of a test, and each fuzz target.
fn tests() -> Vec<String> {
    let mut tests = Vec::new();
    for file in files(&["*.rs"]) {
        let modules = file.trim_end_matches(".rs").split('/');
        let modules = modules.filter(|it| !["lib", "main", "mod", "src", "tests"].contains(it));
        let modules: String = modules.map(|module| format!("::{module}")).collect();
        let mut is_test = false;
        for line in read(&file).lines().map(str::trim) {
            if let Some((_, rest)) = line.split_once("fn ") {
                let name = rest.split('(').next().filter(|_| is_test);
                tests.extend(name.map(|name| format!("{modules}::{name}::")));
                is_test = false;
            }
            is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
        }
    }
    let targets = read("fuzz/Cargo.toml");
    let targets = targets.split("[[bin]]\nname = \"").skip(1);
    let names = targets.filter_map(|target| target.split('"').next());
    tests.extend(names.map(|name| format!("::{name}::")));
    tests
}
