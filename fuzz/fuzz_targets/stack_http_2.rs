//! Whatever frames a client sends, each response of a server with all layers is whole, and has one id and no secret.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tower_edge_fuzz::{SECRET, assert_http_2, exchange, frames};

fuzz_target!(|data: &[u8]| {
    let sent = frames(data);
    // The client's own text may come back.
    if sent
        .windows(SECRET.len())
        .any(|part| part == SECRET.as_bytes())
    {
        return;
    }
    // Every second input ends with the end of the sending side.
    let (received, _) = exchange(&sent, data.len() % 2 == 0);

    assert_http_2(&received);
});
