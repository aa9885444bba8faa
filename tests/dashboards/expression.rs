//! What a query in PromQL names, read without a parser: metrics of ours, their labels in `{…}`, and those of `by (…)`
//! around them.

use std::collections::BTreeSet;

use crate::documented::metrics;

/// A metric in a query, and the labels that the query expects of it.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Named<'a> {
    pub(crate) metric: &'a str,
    pub(crate) labels: BTreeSet<&'a str>,
}

pub(crate) fn named(query: &str) -> Vec<Named<'_>> {
    let groups = groups(query);
    let starts = query.match_indices("tower_edge_").map(|(at, _)| at);
    starts
        .map(|at| {
            let end = query[at..].find(|c: char| !is_of_a_name(c));
            let end = end.map_or(query.len(), |length| at + length);
            let around = groups
                .iter()
                .filter(|group| (group.from..group.to).contains(&at));
            let around = around.flat_map(|group| group.labels.iter().copied());
            Named {
                metric: &query[at..end],
                labels: selected(&query[end..]).chain(around).collect(),
            }
        })
        .collect()
}

/// The labels that a query keeps, which its legend may show.
pub(crate) fn kept(query: &str) -> BTreeSet<&str> {
    groups(query)
        .into_iter()
        .flat_map(|group| group.labels)
        .collect()
}

/// What is not as the table of the docs has it.
pub(crate) fn mistakes(query: &str) -> Vec<String> {
    let documented = metrics();
    let mut mistakes = Vec::new();
    for Named { metric, mut labels } in named(query) {
        let suffix = ["_bucket", "_count", "_sum"]
            .into_iter()
            .find(|suffix| metric.ends_with(suffix));
        let base = suffix.map_or(metric, |suffix| &metric[..metric.len() - suffix.len()]);
        match documented.get(base) {
            Some(known) if known.is_histogram == suffix.is_some() => {
                if suffix == Some("_bucket") {
                    labels.remove("le");
                }
                labels.retain(|label| {
                    !known.labels.contains(label) && !OF_PROMETHEUS.contains(label)
                });
                mistakes.extend(
                    labels
                        .iter()
                        .map(|label| format!("{metric} has no label {label}")),
                );
            }
            _ => mistakes.push(format!("there is no {metric}")),
        }
    }
    mistakes
}

/// What is within the parentheses after `by (…)`, and the labels in it.
struct Group<'a> {
    labels: Vec<&'a str>,
    from: usize,
    to: usize,
}

fn groups(query: &str) -> Vec<Group<'_>> {
    let group = |(at, by): (usize, &str)| {
        let from = at + by.len();
        let end = from + query[from..].find(')').expect(query);
        let labels = query[from..end].split(',').map(str::trim).collect();
        let open = end + query[end..].find('(').expect(query);
        let mut depth = 0;
        let close = query[open..].find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        let to = open + close.expect(query);
        Group {
            labels,
            from: open,
            to,
        }
    };
    query.match_indices("by (").map(group).collect()
}

/// The labels of `{…}`, where the rest of a query begins with it. No value has a comma or an equals sign in it.
fn selected(rest: &str) -> impl Iterator<Item = &str> {
    let selector = rest
        .strip_prefix('{')
        .and_then(|rest| rest.split('}').next());
    let matchers = selector
        .into_iter()
        .flat_map(|selector| selector.split(','));
    matchers.map(|matcher| matcher.split(['=', '!']).next().unwrap_or_default().trim())
}

const fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

const OF_PROMETHEUS: [&str; 2] = ["instance", "job"];

#[test]
fn a_metric_has_the_labels_of_its_selector_and_of_what_is_around_it() {
    let query = r#"sum by (key, le) (rate(tower_edge_a_bucket{job=~"$job",status!~"5.."}[5m])) / tower_edge_b"#;

    let a = Named {
        metric: "tower_edge_a_bucket",
        labels: ["job", "key", "le", "status"].into(),
    };
    let b = Named {
        metric: "tower_edge_b",
        labels: BTreeSet::new(),
    };
    assert_eq!(named(query), [a, b]);
}

#[test]
fn a_query_of_what_is_not_documented_is_a_mistake() {
    for query in [
        "tower_edge_problem_total",
        "tower_edge_problems",
        "tower_edge_problems_total_count",
        "tower_edge_request_duration_seconds",
        r#"tower_edge_problems_total{route="a"}"#,
        "sum by (le) (rate(tower_edge_problems_total[5m]))",
        "sum by (le) (rate(tower_edge_request_duration_seconds_count[5m]))",
    ] {
        assert_eq!(mistakes(query).len(), 1, "{query}");
    }
    for query in [
        r#"tower_edge_problems_total{key="a",job="b"}"#,
        "sum by (le, route) (rate(tower_edge_request_duration_seconds_bucket[5m]))",
    ] {
        assert!(mistakes(query).is_empty(), "{query}");
    }
}
