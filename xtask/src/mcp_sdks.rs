//! The official SDKs of MCP for Python and TypeScript, which are clients of the gateway in its tests.
//!
//! pip and npm take them from the registries that they are set up with, and check each package by a hash.

use std::fs;
use std::process::Command;

use crate::command::step;
use crate::failure::Failure;
use crate::pinned;
use crate::pinned::pip_install;

/// Installs what the files in `mcp-sdks` pin, unless it is there.
///
/// # Errors
///
/// If pip or npm is missing, or cannot install a package.
pub(crate) fn install() -> Result<(), Failure> {
    pinned::install(
        "mcp-sdks/python",
        "mcp-sdks/python.txt",
        |pinned, folder| {
            let mut pip = pip_install(pinned, folder)?;
            step("pip install of mcp-sdks/python.txt", &mut pip)
        },
    )?;
    pinned::install(
        "mcp-sdks/node",
        "mcp-sdks/package-lock.json",
        |pinned, folder| {
            let written = |cause| Failure::Write {
                path: folder.display().to_string(),
                cause,
            };
            fs::create_dir_all(folder).map_err(written)?;
            for file in [pinned.to_owned(), pinned.with_file_name("package.json")] {
                let name = file.file_name().unwrap_or_default();
                fs::copy(&file, folder.join(name)).map_err(written)?;
            }
            let mut npm = Command::new("npm");
            step("npm ci of mcp-sdks", npm.args(NPM_CI).current_dir(folder))
        },
    )
}

const NPM_CI: [&str; 5] = [
    "ci",
    "--silent",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
];

#[cfg(test)]
mod tests {
    #[test]
    fn every_package_is_pinned_by_a_hash() {
        let python = include_str!("../mcp-sdks/python.txt").replace("\\\n", "");
        let mut packages = python.lines().filter(|line| !line.starts_with('#'));
        assert!(packages.all(|line| line.contains("==") && line.contains(" --hash=sha256:")));

        let node = include_str!("../mcp-sdks/package-lock.json");
        let packages = node.matches("\"node_modules/").count();
        assert_eq!(node.matches("\"integrity\": \"sha512-").count(), packages);
        // Each machine has a registry of its own.
        assert!(!node.contains("\"resolved\""));
    }
}
