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
    let mut path = path.path().as_bytes().to_vec();
    for _ in 0..=ROUNDS {
        for segment in path.split(|byte| matches!(byte, b'/' | b'\\')) {
            let name = segment.split(|byte| *byte == b';').next();
            assert!(
                !matches!(name, Some(b"." | b"..")),
                "{}",
                path.escape_ascii()
            );
        }
        path = decoded(&path);
    }
    assert_eq!(decoded(&path), path);
});

/// Each `%` and two hexadecimal digits as that byte.
fn decoded(path: &[u8]) -> Vec<u8> {
    let (mut decoded, mut at) = (Vec::new(), 0);
    while at < path.len() {
        let code = path[at..].first_chunk::<3>();
        let code = code.and_then(|code| std::str::from_utf8(code).ok()?.strip_prefix('%'));
        let code = code.filter(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        decoded.push(byte.unwrap_or(path[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    decoded
}

/// Nobody decodes more often.
const ROUNDS: usize = 4;
