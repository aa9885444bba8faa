//! `docs/guide/in-production.md`.

use std::collections::BTreeSet;
use std::fs;

use tower_edge_tests::assert_is_current;

use crate::documented::rows;
use crate::events::{Event, events};
use crate::log;
use crate::root;
use crate::rules::rules;

#[test]
fn the_page_has_the_tables_and_the_log_of_the_crates() {
    let page = root().join("docs/guide/in-production.md");
    let mut text = fs::read_to_string(&page).unwrap();
    let metrics: String = rows()
        .into_iter()
        .map(|cells| format!("| {} |\n", cells.join(" | ")).replace("|  |", "| |"))
        .collect();
    let events: String = events().iter().map(Event::row).collect();
    for (begin, end, contents) in [
        (BEGIN, END, format!("{HEAD}{metrics}")),
        (BEGIN_EVENTS, END_EVENTS, format!("{HEAD_EVENTS}{events}")),
        (
            BEGIN_TEXT,
            END_TEXT,
            format!("\n```text\n{}```\n", log::text()),
        ),
        (
            BEGIN_JSON,
            END_JSON,
            format!("\n```json\n{}```\n", log::json()),
        ),
    ] {
        let (before, rest) = text.split_once(begin).expect(begin);
        let (_, after) = rest.split_once(end).expect(end);
        text = format!("{before}{begin}{contents}{end}{after}");
    }

    assert_is_current(&page, &text, "tower-edge-tests --test dashboards");
}

#[test]
fn the_page_explains_each_field_of_an_event() {
    let page = fs::read_to_string(root().join("docs/guide/in-production.md")).unwrap();
    let (_, fields) = page
        .split_once("\n| field | value |\n|---|---|\n")
        .expect("a table");
    let fields = fields.split("\n\n").next().unwrap_or_default();
    let cells = fields.lines().filter_map(|line| line.split('|').nth(1));
    let explained: BTreeSet<_> = cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();

    let events = events();
    let logged = events.iter().flat_map(|event| &event.fields);
    assert_eq!(explained, logged.map(String::as_str).collect());
}

#[test]
fn the_page_says_what_to_do_on_each_alert() {
    let page = fs::read_to_string(root().join("docs/guide/in-production.md")).unwrap();
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

const BEGIN_EVENTS: &str = "<!-- The events in the code; the test `dashboards` reads them. -->\n";
const END_EVENTS: &str = "<!-- End of the events. -->\n";
const HEAD_EVENTS: &str = "\n| target | message | level | fields |\n|---|---|---|---|\n";
const BEGIN_TEXT: &str = "<!-- Lines that the test `dashboards` logs. -->\n";
const END_TEXT: &str = "<!-- End of the lines. -->\n";
const BEGIN_JSON: &str = "<!-- The same lines as JSON. -->\n";
const END_JSON: &str = "<!-- End of the lines as JSON. -->\n";
