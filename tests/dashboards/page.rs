//! `docs/in-production.md`.

use std::fs;

use tower_edge_tests::assert_is_current;

use crate::documented::rows;
use crate::root;
use crate::rules::rules;

#[test]
fn the_page_has_the_table_of_the_crates() {
    let page = root().join("docs/in-production.md");
    let text = fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect(BEGIN);
    let (_, after) = rest.split_once(END).expect(END);
    let rows: String = rows()
        .into_iter()
        .map(|cells| format!("| {} |\n", cells.join(" | ")).replace("|  |", "| |"))
        .collect();

    let current = format!("{before}{BEGIN}{HEAD}{rows}{END}{after}");

    assert_is_current(&page, &current, "dashboards");
}

#[test]
fn the_page_says_what_to_do_on_each_alert() {
    let page = fs::read_to_string(root().join("docs/in-production.md")).unwrap();
    let (_, alerts) = page
        .split_once("\n## Alerts\n")
        .expect("a section on alerts");
    let alerts = alerts.split("\n## ").next().unwrap_or_default();
    let described = alerts.split("\n**`").skip(1);
    let described: Vec<_> = described
        .filter_map(|rest| rest.split('`').next())
        .collect();

    let alerts: Vec<_> = rules().into_iter().map(|rule| rule.alert).collect();
    assert_eq!(described, alerts);
}

const BEGIN: &str =
    "<!-- The tables of the crates; the test `dashboards` holds these rows against them. -->\n";
const END: &str = "<!-- End of the tables. -->\n";
const HEAD: &str = "\n| metric | kind | unit | labels | counts |\n|---|---|---|---|---|\n";
