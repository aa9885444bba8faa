//! The bodies of a format, told apart by the code that is in them.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;
use tower_edge_core::{Code, Context, Definition, Format, JsonRpcIds, Kind, Problem};

use super::example::write;
use super::names::{Names, upper_camel};
use super::reference::{NamedFormat, Reference};
use super::samples::samples;
use super::shape::Shape;

/// What a format writes.
#[derive(Debug)]
pub(super) struct Variants {
    pub(super) content_type: HeaderValue,
    /// Where the code is. `None` where no member tells the rows apart.
    pub(super) code_path: Option<Vec<Step>>,
    pub(super) format: NamedFormat,
    /// Whether the response to a batch of requests is an array of bodies.
    pub(super) has_batches: bool,
    /// What the names of types begin with.
    pub(super) prefix: String,
    /// The type of all bodies.
    pub(super) union: String,
    /// In the order of the rows.
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

/// A step into a body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Items,
    Member(String),
}

impl Reference {
    /// The bodies of each format. A format whose bodies are not JSON is left out.
    pub(super) fn variants(&self) -> Vec<Variants> {
        let mut names = Names::default();
        // The names of unions are the first ones, so that they have no number.
        let unions = self.formats.iter().map(|format| {
            let prefix = upper_camel(&format.name);
            let union = names.unique(&format!("{prefix}Error"));
            (format, prefix, union)
        });
        let unions: Vec<_> = unions.collect();
        let variants = unions.into_iter().map(|(format, prefix, union)| {
            let bodies = self.bodies(format);
            let code_path = code_path(&bodies);
            let variants = by_code(bodies, code_path.as_deref(), &prefix, &mut names);
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

    /// The bodies of problems made from each row, and of those that layers reject with.
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

/// The bodies of one origin.
struct Bodies {
    row: &'static Definition,
    shape: Shape,
    statuses: BTreeMap<StatusCode, HeaderMap>,
}

impl Bodies {
    fn of(row: &'static Definition, kind: Option<Kind>, format: &NamedFormat) -> Option<Self> {
        let mut statuses: BTreeMap<StatusCode, HeaderMap> = BTreeMap::new();
        let mut bodies = Vec::new();
        for sample in samples(row, kind, &*format.format) {
            let body: Value = serde_json::from_str(&sample.body).ok()?;
            bodies.push(body);
            statuses
                .entry(sample.status)
                .or_default()
                .extend(sample.headers);
        }
        let bodies: Vec<_> = bodies.iter().collect();
        Some(Self {
            row,
            shape: Shape::of(&bodies),
            statuses,
        })
    }

    fn has_code(&self, code: &Value) -> bool {
        match self.row.code() {
            Code::Integer(number) => *code == number,
            Code::Text(text) => *code == text,
            other => *code == other.to_string(),
        }
    }
}

/// Where each body has a constant, of which there are the most: the rows' own codes, if these are sent.
fn code_path(bodies: &[Bodies]) -> Option<Vec<Step>> {
    let constants: Vec<_> = bodies
        .iter()
        .map(|bodies| bodies.shape.constants())
        .collect();
    let first = constants.first()?;
    let score = |path: &Vec<Step>| {
        let codes = constants
            .iter()
            .map(|constants| constants.get(path).copied());
        let codes: Option<Vec<&Value>> = codes.collect();
        let codes = codes?;
        let own = codes
            .iter()
            .zip(bodies)
            .filter(|(code, bodies)| bodies.has_code(code))
            .count();
        let different: BTreeSet<_> = codes.iter().map(ToString::to_string).collect();
        let is_telling = different.len() > 1 || codes.len() == 1;
        is_telling.then_some((
            own,
            different.len(),
            std::cmp::Reverse((rank(path), path.clone())),
        ))
    };
    let scored = first.keys().filter_map(|path| Some((score(path)?, path)));
    let best = scored.max_by(|(one, _), (other, _)| one.cmp(other))?;
    Some(best.1.clone())
}

/// Of members that tell as many rows apart, the one that is usually called so.
fn rank(path: &[Step]) -> usize {
    let name = path.iter().rev().find_map(|step| match step {
        Step::Member(name) => Some(&**name),
        Step::Items => None,
    });
    let at = CODES.iter().position(|code| Some(*code) == name);
    at.unwrap_or(CODES.len())
}

const CODES: [&str; 5] = ["code", "type", "reason", "error", "status"];

fn by_code(
    bodies: Vec<Bodies>,
    path: Option<&[Step]>,
    prefix: &str,
    names: &mut Names,
) -> Vec<Variant> {
    let mut variants: Vec<Variant> = Vec::new();
    for bodies in bodies {
        let code = path
            .and_then(|path| bodies.shape.at(path))
            .and_then(Shape::constant)
            .cloned();
        let is_same = |variant: &&mut Variant| match path {
            Some(_) => variant.code == code,
            None => variant.rows.contains(&bodies.row),
        };
        let Some(variant) = variants.iter_mut().find(is_same) else {
            variants.push(Variant {
                code,
                name: String::new(),
                rows: vec![bodies.row],
                shape: bodies.shape,
                statuses: bodies.statuses,
            });
            continue;
        };
        if !variant.rows.contains(&bodies.row) {
            variant.rows.push(bodies.row);
        }
        variant.shape.merge(bodies.shape);
        for (status, headers) in bodies.statuses {
            variant.statuses.entry(status).or_default().extend(headers);
        }
    }
    for variant in &mut variants {
        variant.name = names.unique(&format!("{prefix}{}", variant.own_name()));
    }
    variants
}

impl Variant {
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

    /// The name of the row, or that of the code if several rows have it.
    fn own_name(&self) -> String {
        match (&*self.rows, &self.code) {
            ([row], _) | ([row, ..], None) => upper_camel(row.key()),
            (_, Some(Value::String(code))) => upper_camel(code),
            (_, Some(code)) => format!("Code{}", code.to_string().trim_start_matches('-')),
            ([], None) => String::new(),
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

impl Shape {
    /// What is at the end of a path.
    pub(super) fn at(&self, path: &[Step]) -> Option<&Self> {
        path.iter().try_fold(self, |shape, step| match step {
            Step::Items => shape.items.as_deref(),
            Step::Member(name) => shape.members.get(name).map(|member| &member.shape),
        })
    }

    /// The constants that each body has, by their paths.
    fn constants(&self) -> BTreeMap<Vec<Step>, &Value> {
        let mut constants = BTreeMap::new();
        self.add_constants(&mut Vec::new(), &mut constants);
        constants
    }

    fn add_constants<'a>(
        &'a self,
        path: &mut Vec<Step>,
        constants: &mut BTreeMap<Vec<Step>, &'a Value>,
    ) {
        if let Some(constant) = self.constant().filter(|constant| !constant.is_boolean()) {
            constants.insert(path.clone(), constant);
        }
        let members = self.members.iter().filter(|(_, member)| member.is_required);
        for (name, member) in members {
            path.push(Step::Member(name.clone()));
            member.shape.add_constants(path, constants);
            path.pop();
        }
        if let Some(items) = &self.items {
            path.push(Step::Items);
            items.add_constants(path, constants);
            path.pop();
        }
    }
}
