//! Packages for Python and for node that tests need: the official SDKs of MCP, which are clients of the gateway, and what
//! reads the documents and the types of a reference.
//!
//! pip and npm take them from the registries that they are set up with, and check each package by a hash.

use std::fs;
use std::process::Command;

use crate::command::step;
use crate::failure::Failure;
use crate::pinned;
use crate::pinned::pip_install;

/// Installs what the files in these folders pin, unless it is there.
///
/// # Errors
///
/// If pip or npm is missing, or cannot install a package.
pub(crate) fn install() -> Result<(), Failure> {
    for folder in FOLDERS {
        python(folder)?;
        node(folder)?;
    }
    Ok(())
}

fn python(name: &str) -> Result<(), Failure> {
    let file = format!("{name}/python.txt");
    pinned::install(&format!("{name}/python"), &file, |pinned, folder| {
        let mut pip = pip_install(pinned, folder)?;
        step(&format!("pip install of {file}"), &mut pip)
    })
}

fn node(name: &str) -> Result<(), Failure> {
    let file = format!("{name}/package-lock.json");
    pinned::install(&format!("{name}/node"), &file, |pinned, folder| {
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
        let npm = npm.args(NPM_CI).current_dir(folder);
        step(&format!("npm ci of {name}"), npm)
    })
}

const FOLDERS: [&str; 2] = ["mcp-sdks", "reference-tools"];

const NPM_CI: [&str; 5] = [
    "ci",
    "--silent",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::root;

    #[test]
    fn every_package_is_pinned_by_a_hash() {
        for folder in FOLDERS {
            let read =
                |file| fs::read_to_string(root().join("xtask").join(folder).join(file)).unwrap();

            let python = read("python.txt").replace("\\\n", "");
            let mut packages = python.lines().filter(|line| !line.starts_with('#'));
            assert!(packages.all(|line| line.contains("==") && line.contains(" --hash=sha256:")));

            let node = read("package-lock.json");
            let packages = node.matches("\"node_modules/").count();
            assert_eq!(node.matches("\"integrity\": \"sha512-").count(), packages);
            // Each machine has a registry of its own.
            assert!(!node.contains("\"resolved\""));
        }
    }
}
