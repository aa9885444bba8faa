//! The files under `fixtures`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// An example response of a document.
#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) body: String,
    pub(crate) format: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) name: String,
    /// Where it is another one in production.
    pub(crate) production: Option<String>,
    pub(crate) status: u16,
}

/// All examples, in the order of the documents.
pub(crate) fn examples() -> Vec<Example> {
    let index: Value = serde_json::from_str(&read("index.json")).unwrap();
    let entries = index.as_array().unwrap().iter();
    entries.map(Example::of).collect()
}

impl Example {
    fn of(entry: &Value) -> Self {
        let text = |name: &str| entry[name].as_str().unwrap().to_owned();
        let (format, name) = (text("format"), text("name"));
        for member in ["document", "heading"] {
            assert!(!text(member).is_empty(), "{entry}");
        }
        let headers = entry["headers"].as_object().unwrap().iter();
        let production = path(&format!("{format}/{name}.production.json"));
        Self {
            body: compact(&read(&format!("{format}/{name}.json"))),
            headers: headers
                .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                .collect(),
            production: fs::read_to_string(production)
                .ok()
                .map(|json| compact(&json)),
            status: entry["status"].as_u64().unwrap().try_into().unwrap(),
            format,
            name,
        }
    }
}

/// A line of a table: what the document says of a code, as far as it does.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) cause: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) resolution: Option<String>,
    pub(crate) status: Option<u16>,
}

/// What the tables of a format's document name.
pub(crate) fn named(format: &str) -> Vec<Named> {
    let table = read(&format!("{format}/codes.tsv"));
    // The document, then the names of the columns.
    table.lines().skip(2).map(Named::of).collect()
}

impl Named {
    fn of(line: &str) -> Self {
        let mut cells = line
            .split('\t')
            .map(|cell| (cell != "-").then(|| cell.to_owned()));
        let mut next = || cells.next().unwrap_or_else(|| panic!("{line:?}"));
        Self {
            status: next().map(|status| status.parse().unwrap()),
            code: next(),
            key: next(),
            message: next(),
            cause: next(),
            resolution: next(),
        }
    }
}

pub(crate) fn path(name: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/fixtures");
    fixtures.join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The same JSON without the white space around its tokens.
pub(crate) fn compact(json: &str) -> String {
    let (mut in_text, mut escaped) = (false, false);
    let keep = |c: &char| {
        let kept = in_text || !c.is_ascii_whitespace();
        if *c == '"' && !escaped {
            in_text = !in_text;
        }
        escaped = in_text && *c == '\\' && !escaped;
        kept
    };
    json.chars().filter(keep).collect()
}

#[test]
fn white_space_within_text_is_kept() {
    let json = "{\n  \"a b\" : [ 1, \"c \\\" d\\\\\" , \" \" ]\n}\n";

    assert_eq!(compact(json), r#"{"a b":[1,"c \" d\\"," "]}"#);
}
