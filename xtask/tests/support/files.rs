//! The files of the repository.

use std::path::Path;
use std::process::Command;

/// The paths of those that match one of the patterns. A deleted file may still be among them until the deletion is staged.
pub(crate) fn listed(patterns: &[&str]) -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .args(patterns)
        .current_dir(root())
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(!listed.is_empty(), "git lists no files");
    listed.lines().map(str::to_owned).collect()
}

pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
