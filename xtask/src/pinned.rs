//! Installs packages of other registries than cargo's into `target/tools`, once for each change of the file that pins them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::root;
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
