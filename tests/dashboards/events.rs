//! The events and the span in the code of the crates, read without a parser: each call of a macro of `tracing`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// An event with fields, or a span.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Event {
    pub(crate) target: String,
    pub(crate) message: String,
    pub(crate) level: String,
    pub(crate) fields: Vec<String>,
}

impl Event {
    /// A row of the page's table.
    pub(crate) fn row(&self) -> String {
        let Self {
            target,
            message,
            level,
            fields,
        } = self;
        let fields: Vec<_> = fields.iter().map(|field| format!("`{field}`")).collect();
        format!(
            "| `{target}` | {message} | {level} | {} |\n",
            fields.join(", ")
        )
    }
}

/// All of them, by target.
pub(crate) fn events() -> BTreeSet<Event> {
    let mut files = vec![root().join("crates/tower-edge-redis/src/telemetry.rs")];
    add_files(&root().join("crates/tower-edge/src/telemetry"), &mut files);
    let events = files.iter().flat_map(|file| {
        let text = fs::read_to_string(file).unwrap();
        events_of(text.split("#[cfg(test)]").next().unwrap_or_default())
    });
    let events: BTreeSet<_> = events.filter(|event| !event.fields.is_empty()).collect();
    assert!(events.len() > 12, "{events:?}");
    events
}

fn add_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_files(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn events_of(text: &str) -> Vec<Event> {
    let calls = text.match_indices("tracing::").filter_map(|(at, path)| {
        let (name, rest) = text[at + path.len()..].split_once("!(")?;
        let level = LEVELS.iter().find(|(known, _)| *known == name)?.1;
        Some(event(level, &parts(rest), text))
    });
    calls.collect()
}

/// The event of a call with these arguments.
fn event(level: &str, arguments: &[&str], text: &str) -> Event {
    let mut event = Event {
        target: String::new(),
        message: String::new(),
        level: level.to_owned(),
        fields: Vec::new(),
    };
    for argument in arguments {
        if let Some(target) = argument.strip_prefix("target: ") {
            event.target = match target.strip_prefix('"') {
                Some(literal) => literal.trim_end_matches('"').to_owned(),
                None => constant(target, text).to_owned(),
            };
        } else if let Some(fields) = argument.strip_prefix('{') {
            event
                .fields
                .extend(parts(fields).iter().map(|part| field(part)));
        } else if argument.starts_with(|c: char| c.is_lowercase()) && argument.contains(" = ") {
            event.fields.push(field(argument));
        } else if argument.contains('"') && *argument != "\"{}\"" {
            // The first clause is enough to find it.
            let literals: Vec<_> = argument.split('"').skip(1).step_by(2).collect();
            let message = literals.join(" or ");
            let end = message.find([';', ':']).unwrap_or(message.len());
            message[..end].clone_into(&mut event.message);
        }
    }
    event
}

fn field(part: &str) -> String {
    let (name, _) = part.split_once(" =").expect(part);
    name.to_owned()
}

/// The value of a constant of the file.
fn constant<'a>(name: &str, text: &'a str) -> &'a str {
    let (_, value) = text
        .split_once(&format!("const {name}: &str = \""))
        .expect(name);
    value.split('"').next().unwrap_or_default()
}

/// The parts between the commas, until the bracket that closes.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut begin, mut depth, mut in_text) = (Vec::new(), 0, 0, false);
    for (at, c) in text.char_indices() {
        let is_end = !in_text && depth == 0 && matches!(c, ',' | ')' | '}');
        if is_end {
            parts.push(text[begin..at].trim());
            begin = at + 1;
        }
        match c {
            '"' => in_text = !in_text,
            _ if in_text => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

const LEVELS: [(&str, &str); 6] = [
    ("$level", "of the problem"),
    ("debug", "DEBUG"),
    ("error", "ERROR"),
    ("info", "INFO"),
    ("info_span", "span, INFO"),
    ("warn", "WARN"),
];

#[test]
fn an_event_is_read_with_its_target_and_fields() {
    let text = r#"
        const TARGET: &str = "a::b";
        tracing::warn!(target: TARGET, { c.d = 1, e = %f(1, "g, h"), }, "i; j");
        tracing::info_span!(target: "k", "request", l = m, n.o = tracing::field::Empty,);
        tracing::enabled!(target: TARGET, tracing::Level::ERROR);
    "#;

    let rows: String = events_of(text).iter().map(Event::row).collect();

    let expected =
        "| `a::b` | i | WARN | `c.d`, `e` |\n| `k` | request | span, INFO | `l`, `n.o` |\n";
    assert_eq!(rows, expected);
}
