//! The alerts, by the lines of `alerts.yml`.

/// A rule.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) alert: &'static str,
    pub(crate) expression: String,
    /// All lines of it.
    pub(crate) text: &'static str,
}

pub(crate) fn rules() -> Vec<Rule> {
    let rule = |text: &'static str| {
        let mut lines = text.lines();
        let alert = lines.next().unwrap_or_default();
        let mut lines = lines.skip_while(|line| !line.trim_start().starts_with("expr: "));
        let first = lines
            .next()
            .expect(alert)
            .trim_start()
            .trim_start_matches("expr: ");
        // A block ends with the next member.
        let block = lines.take_while(|line| line.starts_with("          "));
        let expression = match first {
            "|" => block.collect::<Vec<_>>().join("\n"),
            expression => expression.to_owned(),
        };
        Rule {
            alert,
            expression,
            text,
        }
    };
    ALERTS.split("- alert: ").skip(1).map(rule).collect()
}

const ALERTS: &str = include_str!("../../dashboards/alerts.yml");
