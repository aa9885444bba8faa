//! Finds the code in the bodies of a format.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tower_edge_core::http_ext::percent_decode;
use tower_edge_core::{Code, Definition};

use super::shape::Shape;
use super::variants::{Bodies, shape};

/// A step into a body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Items,
    Member(String),
}

/// The path of a constant in the bodies of each row. Of several, the one that distinguishes the most rows counts: the
/// rows' own codes, if they are sent.
pub(super) fn code_path(bodies: &[Bodies]) -> Option<Vec<Step>> {
    let own = bodies.iter().filter(|bodies| bodies.is_own);
    let shapes: Vec<_> = own.map(|own| (own.row, shape(&own.bodies))).collect();
    let constants: Vec<_> = shapes
        .iter()
        .map(|(row, shape)| (*row, shape.constants()))
        .collect();
    let score = |path: &Vec<Step>| {
        let codes = constants
            .iter()
            .map(|(row, constants)| Some((*row, *constants.get(path)?)));
        let codes: Vec<_> = codes.collect::<Option<_>>()?;
        let own = codes
            .iter()
            .filter(|(row, code)| is_code(code, row))
            .count();
        let different: BTreeSet<_> = codes.iter().map(|(_, code)| code.to_string()).collect();
        let distinguishes = different.len() > 1 || codes.len() == 1;
        distinguishes.then_some((own, different.len(), Reverse((rank(path), path.clone()))))
    };
    let (_, first) = constants.first()?;
    let scored = first.keys().filter_map(|path| Some((score(path)?, path)));
    let (_, best) = scored.max_by(|(one, _), (other, _)| one.cmp(other))?;
    Some(best.clone())
}

/// Whether the value is the code of the row, or a URI that ends in its key, as the `type` of [RFC
/// 9457](https://www.rfc-editor.org/rfc/rfc9457#section-3.1.1) does.
fn is_code(code: &Value, row: &Definition) -> bool {
    match (row.code(), code.as_str()) {
        (Code::Integer(number), None) => *code == number,
        (own, Some(text)) => own.to_string() == text || is_uri_of(text, row.key()),
        _ => false,
    }
}

fn is_uri_of(text: &str, key: &str) -> bool {
    let uri: Vec<u8> = percent_decode(text.as_bytes()).collect();
    let base = uri.strip_suffix(key.as_bytes());
    base.is_some_and(|base| base.ends_with(b"/") || base.ends_with(b":") || base.ends_with(b"#"))
}

/// The rank of a member among those that distinguish as many rows: usual names of a code go first.
fn rank(path: &[Step]) -> usize {
    let name = path.iter().rev().find_map(|step| match step {
        Step::Member(name) => Some(&**name),
        Step::Items => None,
    });
    let at = CODES.iter().position(|code| Some(*code) == name);
    at.unwrap_or(CODES.len())
}

const CODES: [&str; 5] = ["code", "type", "reason", "error", "status"];

impl Shape {
    /// The value at the end of a path.
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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tower_edge_core::Kind;

    use super::*;

    #[test]
    fn a_code_is_a_number_or_text_or_a_uri_that_ends_in_the_key() {
        let row = Definition::new("basket_locked", Kind::Locked).with_code(Code::Integer(4091));

        for code in [
            json!(4091),
            json!("4091"),
            json!("https://a.example/basket_locked"),
        ] {
            assert!(is_code(&code, &row), "{code}");
        }
        for other in [
            json!(423),
            json!("423"),
            json!("basket_locked"),
            json!(null),
        ] {
            assert!(!is_code(&other, &row), "{other}");
        }
    }
}
