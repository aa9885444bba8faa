//! Whatever bytes a client sends, each response of a server with all layers is whole, and has one id and no secret.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tower_edge_fuzz::{SECRET, assert_http_1, exchange};

fuzz_target!(|data: &[u8]| {
    // The client's own text may come back; the other target has HTTP/2.
    let has_secret = data
        .windows(SECRET.len())
        .any(|part| part == SECRET.as_bytes());
    if has_secret || data.starts_with(b"PRI * HTTP/2.0") {
        return;
    }
    // Every second input ends with the end of the sending side.
    let (received, methods) = exchange(data, data.len() % 2 == 0);

    assert_http_1(&received, &methods);
});
