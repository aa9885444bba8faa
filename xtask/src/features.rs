//! `cargo xtask features`: each published crate must stand with any one of its features, and with none.
//!
//! Clippy rather than `cargo check` turns warnings into failures here: its flags reach the workspace's own crates only,
//! so that the dependencies are checked once for all rows. What is listed comes from the manifests themselves.

use serde_json::Value;

use crate::command::{cargo, output, step};
use crate::failure::Failure;

/// Lints every row of the matrix, up to the first that fails.
///
/// # Errors
///
/// When the manifests cannot be read or a row has a warning.
pub(crate) fn run() -> Result<(), Failure> {
    let metadata = output(
        "cargo metadata",
        &mut cargo(&["metadata", "--no-deps", "--format-version", "1"]),
    )?;
    let metadata =
        serde_json::from_slice(&metadata).map_err(|cause| Failure::Metadata { cause })?;
    let crates = published(&metadata);
    if crates.is_empty() {
        return Err(Failure::NothingPublished);
    }

    for Published { name, features } in crates {
        for row in matrix(&features) {
            let mut clippy = cargo(&["clippy", "--quiet", "--package", name]);
            clippy.args(&row).args(["--", "-D", "warnings"]);
            step(&format!("{name} {}", row.join(" ")), &mut clippy)?;
        }
    }
    Ok(())
}

/// A package of the workspace that may leave it.
#[derive(Debug, PartialEq)]
struct Published<'a> {
    name: &'a str,
    features: Vec<&'a str>,
}

/// The packages without `publish = false`, which `cargo metadata` prints as a list without registries.
fn published(metadata: &Value) -> Vec<Published<'_>> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .filter(|package| {
            package["publish"]
                .as_array()
                .is_none_or(|list| !list.is_empty())
        })
        .filter_map(|package| {
            let name = package["name"].as_str()?;
            let features = package["features"].as_object()?;
            Some(Published {
                name,
                features: features.keys().map(String::as_str).collect(),
            })
        })
        .collect()
}

/// One row of flags for each check: nothing, each feature alone (`default` is one of them), all that there are.
fn matrix<'a>(features: &[&'a str]) -> Vec<Vec<&'a str>> {
    let mut rows = vec![vec!["--no-default-features"]];
    rows.extend(
        features
            .iter()
            .map(|feature| vec!["--no-default-features", "--features", feature]),
    );
    if features.len() > 1 {
        rows.push(vec!["--all-features"]);
    }
    rows
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_the_published_packages_and_their_features() {
        let metadata = json!({
            "packages": [
                {"name": "edge", "publish": null, "features": {"axum": ["dep:axum"], "default": []}},
                {"name": "elsewhere", "publish": ["a-registry"], "features": {}},
                {"name": "private", "publish": [], "features": {"loud": []}},
            ],
        });

        assert_eq!(
            published(&metadata),
            [
                Published {
                    name: "edge",
                    features: vec!["axum", "default"]
                },
                Published {
                    name: "elsewhere",
                    features: vec![]
                },
            ]
        );
    }

    #[test]
    fn finds_nothing_published_in_what_is_not_metadata() {
        for strange in [
            json!(null),
            json!({}),
            json!({"packages": [{"name": "edge"}]}),
        ] {
            assert!(published(&strange).is_empty(), "{strange}");
        }
    }

    #[test]
    fn checks_none_then_each_alone_then_all() {
        let rows: Vec<String> = matrix(&["axum", "tonic"])
            .iter()
            .map(|row| row.join(" "))
            .collect();

        assert_eq!(
            rows,
            [
                "--no-default-features",
                "--no-default-features --features axum",
                "--no-default-features --features tonic",
                "--all-features",
            ]
        );
    }

    #[test]
    fn checks_a_crate_without_features_once() {
        assert_eq!(matrix(&[]), [["--no-default-features"]]);
    }
}
