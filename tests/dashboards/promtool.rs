//! Prometheus's own check of the rules, and its unit tests of them.

use std::process::Command;

use crate::root;
use crate::rules::rules;

fn promtool(arguments: &[&str]) {
    let promtool = Command::new("promtool")
        .args(arguments)
        .current_dir(root().join("dashboards"))
        .output();
    let output = promtool.unwrap_or_else(|error| {
        panic!("promtool: {error}; `cargo xtask test` installs it; it is in Debian's package prometheus")
    });
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    assert!(output.status.success(), "promtool {arguments:?}\n{printed}");
}

#[test]
fn the_rules_and_the_configuration_are_valid() {
    promtool(&["check", "config", "prometheus.yml"]);
}

#[test]
fn the_alerts_fire_when_they_should() {
    promtool(&["test", "rules", "alerts_test.yml"]);
}

#[test]
fn every_alert_is_seen_firing_and_not_firing() {
    let tests = include_str!("../../dashboards/alerts_test.yml");
    for rule in rules() {
        let name = format!("alertname: {}\n", rule.alert);
        let seen = tests.split(&name).skip(1);
        let (fires, quiet): (Vec<_>, Vec<_>) =
            seen.partition(|rest| rest.trim_start().starts_with("exp_alerts:"));
        assert!(!fires.is_empty() && !quiet.is_empty(), "{}", rule.alert);
    }
}
