//! The rule that a layer knows no other layer: what two of them share stands in the core crate.

use super::source::{Finding, Source};

/// Finds what a layer's folder takes from the folder of another one.
pub(super) fn siblings(source: &Source) -> Vec<Finding> {
    let Some(own) = layer_of(source.path()) else {
        return Vec::new();
    };
    let code = source.code();
    code.match_indices("crate::")
        .flat_map(|(at, path)| {
            let names = first_names(&code[at + path.len()..]);
            names
                .into_iter()
                .filter(|name| is_layer(name) && *name != own)
                .map(move |name| {
                    source.finding(
                        at,
                        format!("{own} does not know {name}: share through the core"),
                    )
                })
        })
        .collect()
}

/// The layer in whose folder the path lies, or whose file it is.
fn layer_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("crates/tower-edge/src/")?;
    let folder = inside.split('/').next()?;
    let layer = folder.strip_suffix(".rs").unwrap_or(folder);
    is_layer(layer).then_some(layer)
}

fn is_layer(name: &str) -> bool {
    LAYERS.contains(&name)
}

/// The names that may follow `crate::`: one, or those of a group.
fn first_names(path: &str) -> Vec<&str> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![word(path)];
    };
    let mut names = vec![word(group.trim_start())];
    let mut depth = 1_usize;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            ',' if depth == 1 => names.push(word(group[at + 1..].trim_start())),
            _ => {}
        }
    }
    names
}

fn word(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    &text[..end]
}

const LAYERS: [&str; 10] = [
    "client",
    "correlation_id",
    "envelope",
    "forward",
    "propagate",
    "rate_limit",
    "request_body_timeout",
    "server",
    "upstream_timeout",
    "version_gate",
];

#[cfg(test)]
mod tests {
    use super::*;

    const GATE: &str = "crates/tower-edge/src/version_gate/service.rs";

    #[test]
    fn finds_a_sibling_by_its_path() {
        let found = siblings(&Source::new(
            GATE,
            "use a::B;\nuse crate::envelope::Format;\n",
        ));

        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, format!("{GATE}:2"));
        assert!(found[0].rule.contains("envelope"), "{found:?}");
    }

    #[test]
    fn finds_siblings_in_a_group() {
        let code = "use crate::{\n    shim::{envelope, A},\n    rate_limit::Key,\n    upstream_timeout,\n};";

        let found = siblings(&Source::new(GATE, code));

        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn allows_a_layer_its_own_folder_the_rest_of_the_crate_and_the_core() {
        let code = "use crate::version_gate::Version;\nuse crate::trace;\nuse tower_edge_core::envelope;\n\
                    use crate::envelope_like;\n/// Like [`crate::envelope`].\nstruct A;\n";

        assert_eq!(siblings(&Source::new(GATE, code)), []);
    }

    #[test]
    fn looks_at_nothing_outside_the_layers() {
        let code = "use crate::envelope::Format;";

        assert_eq!(
            siblings(&Source::new("crates/tower-edge/src/lib.rs", code)),
            []
        );
        assert_eq!(
            siblings(&Source::new("examples/gateway/src/envelope/mod.rs", code)),
            []
        );
    }
}
