//! The official SDKs of MCP for Python and TypeScript, which are clients of the gateway in its tests.
//!
//! pip and npm take them from the registries that they are set up with, and check each package by a hash.

use crate::failure::Failure;
use crate::pinned;

/// Installs what the files in `mcp-sdks` pin, unless it is there.
///
/// # Errors
///
/// If pip or npm is missing, or cannot install a package.
pub(crate) fn install() -> Result<(), Failure> {
    pinned::python_install("mcp-sdks/python", "mcp-sdks/python.txt")?;
    pinned::npm_install("mcp-sdks/node", "mcp-sdks/package-lock.json")
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_package_is_pinned_by_a_hash() {
        for python in [
            include_str!("../mcp-sdks/python.txt"),
            include_str!("../reference-tools/python.txt"),
        ] {
            let python = python.replace("\\\n", "");
            let mut packages = python.lines().filter(|line| !line.starts_with('#'));
            assert!(packages.all(|line| line.contains("==") && line.contains(" --hash=sha256:")));
        }

        for node in [
            include_str!("../browser/package-lock.json"),
            include_str!("../mcp-sdks/package-lock.json"),
            include_str!("../reference-tools/package-lock.json"),
        ] {
            let packages = node.matches("\"node_modules/").count();
            assert_eq!(node.matches("\"integrity\": \"sha512-").count(), packages);
            // Each machine has a registry of its own.
            assert!(!node.contains("\"resolved\""));
        }
    }
}
