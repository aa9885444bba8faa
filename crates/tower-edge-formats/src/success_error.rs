//! The body that two documents share: `{"success": false, "error": {"code", "message"}}`.

use tower_edge_core::json::{Head, Object};
use tower_edge_core::{Catalog, Code, Definition, Kind, Problem, messages};
#[cfg(test)]
use tower_edge_core::{Context, Format};

/// The beginning of each row's body.
pub(super) const fn heads<const ROWS: usize>(catalog: &Catalog) -> [Head; ROWS] {
    let mut heads = [Head::new(&[], ""); ROWS];
    let mut at = 0;
    while let Some(row) = catalog.get(at) {
        if let Code::Text(code) = row.code() {
            let parts = [ERROR, r#"{"code":""#, code, r#"","message":"#];
            heads[at] = Head::new(&parts, row.message());
        }
        at += 1;
    }
    heads
}

/// Writes the body. `name` is the code of a kind without a row, and `more` adds `details`.
pub(super) fn write_error(
    problem: &Problem,
    (catalog, heads): (&Catalog, &[Head]),
    name: impl FnOnce(Kind) -> &'static str,
    out: &mut Vec<u8>,
    more: impl FnOnce(Option<&'static Definition>, &mut Object<'_>),
) {
    let at = catalog.index_of(problem);
    let row = at.and_then(|at| catalog.get(at));
    let mut error = if let Some(head) = at.and_then(|at| heads.get(at)) {
        Object::from_head(head, problem.message(), out)
    } else {
        out.extend_from_slice(ERROR.as_bytes());
        let mut error = Object::open(out);
        error
            .text("code", messages::code(row, name(problem.kind())))
            .text("message", messages::message(problem, row));
        error
    };
    // An internal error may show its `error_id`.
    if !messages::is_plain(problem) || problem.kind() == Kind::Internal {
        error.object_unless_empty("details", |details| more(row, details));
    }
    drop(error);
    out.push(b'}');
}

const ERROR: &str = r#"{"success":false,"error":"#;

#[cfg(test)]
pub(crate) fn assert_rows(format: &dyn Format, catalog: &Catalog) {
    for row in catalog.definitions() {
        let mut body = Vec::new();
        format.body(&Problem::from(row), &Context::default(), &mut body);

        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["success"], false);
        assert_eq!(body["error"]["code"], row.code().to_string());
        assert_eq!(body["error"]["message"], row.message());
    }
}
