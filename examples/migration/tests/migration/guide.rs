//! `docs/guide/migration.md` quotes the services, counts their lines and names tests: none of it may go stale.

const AFTER: [&str; 3] = [
    include_str!("../../src/rpc_node/after.rs"),
    concat!(
        include_str!("../../src/dns/after.rs"),
        include_str!("../../src/dns/after.toml")
    ),
    include_str!("../../src/courses/after.rs"),
];
const BEFORE: [&str; 3] = [
    include_str!("../../src/rpc_node/before.rs"),
    concat!(
        include_str!("../../src/dns/before.rs"),
        include_str!("../../src/dns/before.toml")
    ),
    include_str!("../../src/courses/before.rs"),
];
const GUIDE: &str = include_str!("../../../../docs/guide/migration.md");
const TESTS: [&str; 4] = [
    include_str!("courses.rs"),
    include_str!("dns.rs"),
    include_str!("peers.rs"),
    include_str!("rpc_node.rs"),
];

#[test]
fn each_quotation_is_in_a_service() {
    let mut quotations = 0;
    let mut lines = GUIDE.lines();
    while let Some(line) = lines.next() {
        if ["```rust,ignore", "```toml"].contains(&line) {
            let quoted: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            let mut files = BEFORE.iter().chain(&AFTER);
            assert!(files.any(|file| quotes(file, &quoted)), "{quoted:#?}");
            quotations += 1;
        }
    }
    assert!(quotations > 10, "{quotations}");
}

/// Whether these lines are in the file, with the same indentation before each.
fn quotes(file: &str, quoted: &[&str]) -> bool {
    let lines: Vec<_> = file.lines().collect();
    lines.windows(quoted.len()).any(|lines| {
        let indentation = lines[0].strip_suffix(quoted[0]);
        indentation.is_some_and(|indentation| {
            let mut pairs = lines.iter().zip(quoted);
            indentation.trim().is_empty()
                && pairs
                    .all(|(line, quoted)| line.strip_prefix(indentation).unwrap_or(line) == *quoted)
        })
    })
}

#[test]
fn the_table_counts_the_lines_of_each_service() {
    let rows = GUIDE
        .lines()
        .filter(|line| line.starts_with("| [a ") || line.starts_with("| [DNS "));
    let counted: Vec<_> = rows
        .map(|row| row.split(" | ").skip(1).take(2).collect::<Vec<_>>())
        .collect();

    let expected = BEFORE.iter().zip(&AFTER);
    let expected =
        expected.map(|(before, after)| vec![count(before).to_string(), count(after).to_string()]);
    assert_eq!(counted, expected.collect::<Vec<_>>());
}

/// The lines that are not empty, not a comment and not a part of an import.
fn count(file: &str) -> usize {
    let mut is_import = false;
    let counted = file.lines().map(str::trim).filter(|line| {
        let is_counted = !is_import && !line.is_empty() && !line.starts_with("//");
        let begins_import = line.starts_with("use ");
        is_import = (is_import || begins_import) && !line.ends_with(';');
        is_counted && !begins_import
    });
    counted.count()
}

#[test]
fn the_guide_names_each_test_of_before_and_after_and_no_other() {
    let begins = |word: &str| {
        ["after_", "before_"].iter().any(|begin| {
            word.strip_prefix(begin)
                .is_some_and(|rest| !rest.is_empty())
        })
    };
    let mut named: Vec<_> = GUIDE.split('`').filter(|word| begins(word)).collect();
    let lines = TESTS.iter().flat_map(|file| file.lines());
    let functions = lines.filter_map(|line| line.strip_prefix("async fn ")?.strip_suffix("() {"));
    let mut tests: Vec<_> = functions.filter(|name| begins(name)).collect();

    named.sort_unstable();
    tests.sort_unstable();
    assert_eq!(named, tests);
}
