//! Installs packages of other registries than cargo's into `target/tools`, once for each change of the file that pins them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{root, step};
use crate::failure::Failure;
use crate::prerequisites;

/// The folder that [`install`] has filled.
pub(crate) fn folder(name: &str) -> PathBuf {
    root().join("target/tools").join(name)
}

/// Fills a folder with what this file of `xtask` pins, unless that is there.
///
/// # Errors
///
/// If a file cannot be read or written, or as `install` does.
pub(crate) fn install(
    name: &str,
    pinned: &str,
    install: impl FnOnce(&Path, &Path) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let pinned = root().join("xtask").join(pinned);
    let wanted = fs::read(&pinned).map_err(|cause| Failure::Read {
        path: pinned.display().to_string(),
        cause,
    })?;
    let folder = folder(name);
    let installed = folder.join("installed");
    if fs::read(&installed).is_ok_and(|known| known == wanted) {
        return Ok(());
    }
    install(&pinned, &folder)?;
    fs::write(&installed, wanted).map_err(|cause| Failure::Write {
        path: installed.display().to_string(),
        cause,
    })
}

/// pip, which installs what a file pins by its hashes, without running any code of a package.
///
/// # Errors
///
/// If pip is missing.
pub(crate) fn pip_install(pinned: &Path, folder: &Path) -> Result<Command, Failure> {
    let mut pip = prerequisites::pip()?;
    pip.env("PIP_ROOT_USER_ACTION", "ignore");
    pip.args(PIP_INSTALL).arg("--target").arg(folder);
    pip.arg("--requirement").arg(pinned);
    Ok(pip)
}

/// Fills a folder with the packages for Python that this file pins, unless they are there.
///
/// # Errors
///
/// If pip is missing or fails, or a file cannot be read or written.
pub(crate) fn python_install(name: &str, requirements: &str) -> Result<(), Failure> {
    install(name, requirements, |pinned, folder| {
        let mut pip = pip_install(pinned, folder)?;
        step(&format!("pip install of {requirements}"), &mut pip)
    })
}

/// Fills a folder with what this lock file pins, without running any code of a package, unless that is there.
///
/// # Errors
///
/// If npm is missing or fails, or a file cannot be read or written.
pub(crate) fn npm_install(name: &str, lock: &str) -> Result<(), Failure> {
    install(name, lock, |pinned, folder| {
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
        let ci = npm.args(NPM_CI).current_dir(folder);
        step(&format!("npm ci of {lock}"), ci)
    })
}

const NPM_CI: [&str; 5] = [
    "ci",
    "--silent",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
];

const PIP_INSTALL: [&str; 8] = [
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--no-compile",
    "--no-deps",
    "--only-binary=:all:",
    "--require-hashes",
    "--upgrade",
];
