//! What the documents name is defined, and what is defined is tested.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use tower_edge::envelope::Format;
use tower_edge::problem::Definition;
use tower_edge_formats::{AdsMcp, MediaNest, PlexMcp, Plexichat, RouterMcp};

use crate::fixture;
use crate::fixture::Named;
use crate::snapshot::SNAPSHOTS;

#[test]
fn every_code_of_a_document_has_a_definition() {
    for snapshot in SNAPSHOTS {
        for named in fixture::named(snapshot.name) {
            let found = snapshot.catalog.definitions().any(|row| is(row, &named));

            assert!(found, "{}: no row for {named:?}", snapshot.name);
        }
    }
}

/// So that a table cannot shrink without notice: how many codes each document names.
#[test]
fn the_tables_are_whole() {
    let counts = SNAPSHOTS.map(|snapshot| (snapshot.name, fixture::named(snapshot.name).len()));

    assert_eq!(
        counts,
        [
            ("plexmcp", 16),
            ("plexichat", 40),
            ("ads_mcp", 7),
            ("medianest", 22),
            ("routermcp", 11),
            ("routermcp_rest", 8),
        ]
    );
}

/// References name types after it.
#[test]
fn a_format_is_called_as_its_folder_is() {
    let formats: [&dyn Format; 5] = [&PlexMcp, &Plexichat, &AdsMcp, &MediaNest, &RouterMcp];
    let folders = SNAPSHOTS.map(|snapshot| snapshot.name);

    assert_eq!(formats.map(Format::name), folders[..5]);
}

#[test]
fn every_definition_has_a_golden_response_and_a_cause() {
    for snapshot in SNAPSHOTS {
        let rows = fixture::path(&format!("{}/rows.txt", snapshot.name));
        let rows = fs::read_to_string(rows).unwrap();
        let golden: BTreeSet<_> = rows
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        for row in snapshot.catalog.definitions() {
            assert!(golden.contains(row.key()), "{}: {row:?}", snapshot.name);
            let is_empty = row.cause().is_empty() || row.message().is_empty();
            assert!(!is_empty, "{}: {row:?}", snapshot.name);
        }
    }
}

#[test]
fn every_detail_of_an_example_is_listed_by_its_definition() {
    for example in fixture::examples() {
        let body: Value = serde_json::from_str(&example.body).unwrap();
        let Some(error) = body["error"].as_object() else {
            continue;
        };
        let code = error["code"].to_string();
        let nested = error.get("details").or(error.get("data"));
        let members = nested.map_or(Some(error), Value::as_object).unwrap();
        // The details of this one are the client's fields.
        if example.format == "plexmcp" && example.name == "validation_error" {
            continue;
        }
        let catalogs = SNAPSHOTS
            .iter()
            .filter(|snapshot| snapshot.name == example.format);
        let mut rows = catalogs.flat_map(|snapshot| snapshot.catalog.definitions());
        let listed = |row: &Definition, name: &str| {
            matches!(name, "code" | "message")
                || row.details().iter().any(|detail| detail.name() == name)
        };
        let found = rows.any(|row| {
            row.code().to_string() == code.trim_matches('"')
                && members.keys().all(|name| listed(row, name))
        });
        assert!(found, "{example:?}");
    }
}

fn is(row: &Definition, named: &Named) -> bool {
    let is_same = |documented: &Option<String>, text: &str| {
        documented
            .as_ref()
            .is_none_or(|documented| documented == text)
    };
    is_same(&named.code, &row.code().to_string())
        && is_same(&named.key, row.key())
        && is_same(&named.message, row.message())
        && is_same(&named.cause, row.cause())
        && is_same(&named.resolution, row.resolution())
        && named
            .status
            .is_none_or(|status| status == row.status().as_u16())
}
