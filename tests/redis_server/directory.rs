//! A place for files.

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process;

/// A directory that is gone when this is dropped.
#[derive(Debug)]
pub(super) struct Directory(PathBuf);

impl Directory {
    /// The port makes it one of its own: no other server of this machine listens on it.
    pub(super) fn new(port: u16) -> Self {
        let name = format!("tower-edge-redis-{}-{port}", process::id());
        let path = env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What cannot be removed is left to who cleans the machine's temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
