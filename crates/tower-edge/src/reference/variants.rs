//! The bodies of a format, distinguished by their code.

use std::collections::BTreeMap;
use std::iter;

use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;
use tower_edge_core::{Context, Definition, Format, JsonRpcIds, Kind, Problem};

use super::code_path::{Step, code_path};
use super::example::write;
use super::names::{Names, upper_camel};
use super::reference::{NamedFormat, Reference};
use super::samples::samples;
use super::shape::Shape;

/// The bodies that a format writes.
#[derive(Debug)]
pub(super) struct Variants {
    pub(super) content_type: HeaderValue,
    /// The path to the code. `None` if no member distinguishes the rows.
    pub(super) code_path: Option<Vec<Step>>,
    pub(super) format: NamedFormat,
    /// Whether the response to a batch of requests is an array of bodies.
    pub(super) has_batches: bool,
    /// The prefix of the names of types.
    pub(super) prefix: String,
    /// The type of all bodies.
    pub(super) union: String,
    /// The variants, in the order of the rows.
    pub(super) variants: Vec<Variant>,
}

/// The bodies with one code.
#[derive(Debug)]
pub(super) struct Variant {
    pub(super) code: Option<Value>,
    pub(super) name: String,
    pub(super) rows: Vec<&'static Definition>,
    pub(super) shape: Shape,
    /// The header fields that the format adds, by status.
    pub(super) statuses: BTreeMap<StatusCode, HeaderMap>,
}

impl Reference {
    /// The bodies of each format. A format whose bodies are not JSON is left out.
    pub(super) fn variants(&self) -> Vec<Variants> {
        let (mut prefixes, mut names) = (Names::default(), Names::default());
        // The names of unions and of their codes come first, so that they have no number.
        let unions = self.formats.iter().map(|format| {
            let prefix = prefixes.unique(&upper_camel(&format.name));
            let union = names.unique(&format!("{prefix}Error"));
            names.unique(&format!("{prefix}Code"));
            (format, prefix, union)
        });
        let unions: Vec<_> = unions.collect();
        let variants = unions.into_iter().map(|(format, prefix, union)| {
            let bodies = self.bodies(format);
            let code_path = code_path(&bodies);
            let variants = by_code(&bodies, code_path.as_deref(), &prefix, &mut names);
            Variants {
                content_type: format.format.content_type(),
                code_path,
                format: format.clone(),
                has_batches: has_batches(&*format.format),
                prefix,
                union,
                variants,
            }
        });
        variants
            .filter(|format| !format.variants.is_empty())
            .collect()
    }

    /// The bodies of problems from each row, and of problems that layers reject with.
    fn bodies(&self, format: &NamedFormat) -> Vec<Bodies> {
        let of_row = |row| {
            let kinds = Kind::ALL
                .iter()
                .filter(move |kind| self.by_kind(**kind) == Some(row));
            iter::once(None)
                .chain(kinds.copied().map(Some))
                .map(move |kind| (row, kind))
        };
        let origins = self.rows().flat_map(of_row);
        origins
            .filter_map(|(row, kind)| Bodies::of(row, kind, format))
            .collect()
    }
}

/// The bodies of the problems from one row or kind.
pub(super) struct Bodies {
    pub(super) bodies: Vec<Body>,
    pub(super) is_own: bool,
    pub(super) row: &'static Definition,
}

pub(super) struct Body {
    headers: HeaderMap,
    status: StatusCode,
    value: Value,
}

impl Bodies {
    fn of(row: &'static Definition, kind: Option<Kind>, format: &NamedFormat) -> Option<Self> {
        let bodies = samples(row, kind, &*format.format)
            .into_iter()
            .map(|sample| {
                let value = serde_json::from_str(&sample.body).ok()?;
                Some(Body {
                    headers: sample.headers,
                    status: sample.status,
                    value,
                })
            });
        let bodies: Option<Vec<_>> = bodies.collect();
        Some(Self {
            bodies: bodies?,
            is_own: kind.is_none(),
            row,
        })
    }
}

impl Body {
    fn at(&self, path: &[Step]) -> Option<&Value> {
        path.iter().try_fold(&self.value, |value, step| match step {
            Step::Items => value.get(0),
            Step::Member(name) => value.get(name),
        })
    }
}

pub(super) fn shape<'a>(bodies: impl IntoIterator<Item = &'a Body>) -> Shape {
    let values = bodies.into_iter().map(|body| &body.value);
    Shape::of(&values.collect::<Vec<_>>())
}

fn by_code(
    origins: &[Bodies],
    path: Option<&[Step]>,
    prefix: &str,
    names: &mut Names,
) -> Vec<Variant> {
    let mut variants: Vec<Variant> = Vec::new();
    for origin in origins {
        // A format may send the problems from one row under several codes.
        for (code, bodies) in parts(&origin.bodies, path) {
            let is_same = |variant: &&mut Variant| match path {
                Some(_) => variant.code.as_ref() == code,
                None => variant.rows.contains(&origin.row),
            };
            match variants.iter_mut().find(is_same) {
                Some(variant) => variant.add(origin.row, &bodies),
                None => variants.push(Variant::new(code.cloned(), origin.row, &bodies)),
            }
        }
    }
    for variant in &mut variants {
        let [first, other] = variant.own_names().map(|name| format!("{prefix}{name}"));
        variant.name = names.unique(if names.has(&first) { &other } else { &first });
    }
    variants
}

/// The bodies with each code, in the order in which they were written. Without a code, all bodies together.
fn parts<'a>(bodies: &'a [Body], path: Option<&[Step]>) -> Vec<(Option<&'a Value>, Vec<&'a Body>)> {
    let Some(path) = path else {
        return vec![(None, bodies.iter().collect())];
    };
    let mut parts: Vec<(Option<&Value>, Vec<&Body>)> = Vec::new();
    for body in bodies {
        let Some(code) = body.at(path) else { continue };
        match parts.iter_mut().find(|(known, _)| *known == Some(code)) {
            Some((_, part)) => part.push(body),
            None => parts.push((Some(code), vec![body])),
        }
    }
    parts
}

impl Variant {
    fn new(code: Option<Value>, row: &'static Definition, bodies: &[&Body]) -> Self {
        let mut variant = Self {
            code,
            name: String::new(),
            rows: vec![row],
            shape: shape(bodies.iter().copied()),
            statuses: BTreeMap::new(),
        };
        variant.add_statuses(bodies);
        variant
    }

    fn add(&mut self, row: &'static Definition, bodies: &[&Body]) {
        if !self.rows.contains(&row) {
            self.rows.push(row);
        }
        self.shape.merge(shape(bodies.iter().copied()));
        self.add_statuses(bodies);
    }

    fn add_statuses(&mut self, bodies: &[&Body]) {
        for body in bodies {
            self.statuses
                .entry(body.status)
                .or_default()
                .extend(body.headers.clone());
        }
    }

    /// The replacement of the errors, if all of them are deprecated.
    pub(super) fn deprecation(&self) -> Option<&'static str> {
        let mut notes = self.rows.iter().map(|row| row.deprecation());
        let first = notes.next()??;
        notes.all(|note| note.is_some()).then_some(first)
    }

    /// The code, or the keys of the rows.
    pub(super) fn label(&self) -> String {
        match &self.code {
            Some(Value::String(code)) => format!("`{code}`"),
            Some(code) => format!("`{code}`"),
            None => self
                .rows
                .iter()
                .map(|row| format!("`{}`", row.key()))
                .collect::<Vec<_>>()
                .join(", "),
        }
    }

    /// The name of the row and that of the code, this one first if several rows have it.
    fn own_names(&self) -> [String; 2] {
        let row = self
            .rows
            .first()
            .map(|row| upper_camel(row.key()))
            .unwrap_or_default();
        let code = match &self.code {
            Some(Value::String(code)) => upper_camel(code),
            Some(code) => format!("Code{}", code.to_string().trim_start_matches('-')),
            None => row.clone(),
        };
        if self.rows.len() > 1 {
            [code, row]
        } else {
            [row, code]
        }
    }
}

/// Formats of JSON-RPC respond to a batch with a batch.
fn has_batches(format: &dyn Format) -> bool {
    let ids = JsonRpcIds::from_json(br#"[{"jsonrpc":"2.0","id":1,"method":"sample"}]"#);
    let context = Context::default().with_json_rpc_ids(Some(&ids));
    let sample = write(
        &Problem::new(Kind::Internal),
        &context,
        format,
        HeaderMap::new(),
    );
    sample.body.starts_with('[')
}
