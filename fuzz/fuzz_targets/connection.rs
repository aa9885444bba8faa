//! What is for one connection is not passed on, whatever else that takes along.
#![no_main]

use http::HeaderName;
use http::header::CONNECTION;
use libfuzzer_sys::fuzz_target;
use tower_edge::forward::remove_hop_by_hop;
use tower_edge_fuzz::{head, lines};

fuzz_target!(|data: &[u8]| {
    let [first, second] = lines(data);
    let named = HeaderName::from_static("x-named");
    let request = head([(CONNECTION, first), (CONNECTION, second), (named, b"1")]);
    let mut headers = request.into_parts().0.headers;
    let names = |text: &[u8]| {
        let mut members = text.split(|byte| *byte == b',');
        members.any(|member| member.trim_ascii().eq_ignore_ascii_case(b"x-named"))
    };
    let is_named = headers
        .get_all(CONNECTION)
        .iter()
        .any(|value| names(value.as_bytes()));

    remove_hop_by_hop(&mut headers);

    assert!(!headers.contains_key(CONNECTION));
    assert_eq!(headers.contains_key("x-named"), !is_named);
});
