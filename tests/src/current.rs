use std::path::Path;
use std::{env, fs};

/// Fails unless this is what the file says; with `EDGE_UPDATE` in the environment, rewrites the file instead. `tests` are the
/// arguments of `cargo test -p` that run the test.
pub fn assert_is_current(file: &Path, expected: &str, tests: &str) {
    if env::var_os("EDGE_UPDATE").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, expected).unwrap();
    }
    let current = fs::read_to_string(file).unwrap_or_default();
    assert!(
        current == expected,
        "{} is stale; `EDGE_UPDATE=1 cargo test -p {tests}` rewrites it",
        file.display()
    );
}
