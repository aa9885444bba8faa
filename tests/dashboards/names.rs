use std::collections::BTreeSet;

use tower_edge_tests::Panel;

use crate::documented::metrics;
use crate::expression::{kept, mistakes, named};
use crate::rules::rules;

#[test]
fn panels_name_metrics_and_labels_that_there_are() {
    for panel in Panel::all() {
        for query in &panel.queries {
            let mistakes = mistakes(&query.expression);
            assert!(mistakes.is_empty(), "{}: {mistakes:?}", panel.title);
        }
    }
}

#[test]
fn legends_show_labels_that_their_queries_keep() {
    for panel in Panel::all() {
        for query in &panel.queries {
            let shown = query.legend.split("{{").skip(1);
            let shown = shown.map(|rest| rest.split("}}").next().unwrap_or_default());
            let shown: BTreeSet<_> = shown.collect();
            let mut kept = kept(&query.expression);
            kept.remove("le");
            assert_eq!(shown, kept, "{}", panel.title);
        }
    }
}

#[test]
fn every_metric_is_on_the_dashboard() {
    let queries = Panel::all().into_iter().flat_map(|panel| panel.queries);
    let queries: Vec<_> = queries.map(|query| query.expression).collect();
    let shown = queries.iter().flat_map(|query| named(query));
    let shown: BTreeSet<_> = shown.map(|named| named.metric).collect();
    for metric in metrics().into_keys() {
        let is_shown = shown.iter().any(|name| name.starts_with(metric));
        assert!(is_shown, "no panel shows {metric}");
    }
}

#[test]
fn alerts_name_metrics_and_labels_that_there_are() {
    for rule in rules() {
        assert!(!named(&rule.expression).is_empty(), "{rule:?}");
        let mistakes = mistakes(&rule.expression);
        assert!(mistakes.is_empty(), "{}: {mistakes:?}", rule.alert);
    }
}

#[test]
fn summaries_show_labels_that_their_alerts_keep() {
    for rule in rules() {
        let kept = kept(&rule.expression);
        for shown in rule.text.split("$labels.").skip(1) {
            let shown = shown.split(' ').next().unwrap_or_default();
            assert!(kept.contains(shown), "{}: {shown}", rule.alert);
        }
    }
}
