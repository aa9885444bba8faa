//! A path behind a base stays beneath it, however an upstream decodes it.
#![no_main]

use http::Uri;
use libfuzzer_sys::fuzz_target;
use tower_edge::forward::join_path;

fuzz_target!(|data: &[u8]| {
    let Ok(target) = Uri::try_from(data) else {
        return;
    };
    let Ok(path) = join_path("/base", &target) else {
        return;
    };
    assert_eq!(
        path.as_str().strip_prefix("/base"),
        target.path_and_query().map(|requested| requested.as_str())
    );
    let mut path = path.path().to_owned();
    // Nobody decodes more often than that.
    for _ in 0..4 {
        let mut segments = path.split(['/', '\\']);
        assert!(segments.all(|segment| !matches!(segment, "." | "..")), "{path}");
        path = decoded(&path);
    }
});

/// The path with dots, slashes, backslashes and percent signs decoded once.
fn decoded(path: &str) -> String {
    let mut path = path.to_owned();
    // The percent sign last, so that nothing is decoded twice.
    for (codes, text) in [(["%2e", "%2E"], "."), (["%2f", "%2F"], "/"), (["%5c", "%5C"], "\\")] {
        for code in codes {
            path = path.replace(code, text);
        }
    }
    path.replace("%25", "%")
}
