//! The dashboard of `dashboards/grafana.json`.

use serde_json::Value;

/// A panel with its queries.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What is above it.
    pub title: String,
    /// The unit of its values, by Grafana's name.
    pub unit: String,
    /// What it shows.
    pub queries: Vec<PanelQuery>,
}

/// A query in PromQL, with Grafana's variables `$job` and `$__rate_interval`.
#[derive(Clone, Debug)]
pub struct PanelQuery {
    /// The query.
    pub expression: String,
    /// The name of a series, with the values of labels in it, such as `{{policy}}`.
    pub legend: String,
}

impl Panel {
    /// All panels, without the rows that group them.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let query = |target: &Value| PanelQuery {
            expression: text(&target["expr"]),
            legend: text(&target["legendFormat"]),
        };
        let panels = dashboard["panels"].as_array().unwrap().iter();
        let panels = panels.filter(|panel| panel["type"] != "row");
        let panel = |panel: &Value| Self {
            title: text(&panel["title"]),
            unit: text(&panel["fieldConfig"]["defaults"]["unit"]),
            queries: panel["targets"]
                .as_array()
                .unwrap()
                .iter()
                .map(query)
                .collect(),
        };
        panels.map(panel).collect()
    }
}

const DASHBOARD: &str = include_str!("../../dashboards/grafana.json");
