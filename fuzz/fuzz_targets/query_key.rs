//! The key is the decoded value of the parameter, however it is encoded.
#![no_main]

use http::{Request, Uri};
use libfuzzer_sys::fuzz_target;
use tower_edge::Head;
use tower_edge::rate_limit::key::QueryKey;
use tower_edge::rate_limit::{Key, KeyExtractor};

fuzz_target!(|query: &str| {
    let Ok(uri) = format!("/?{query}").parse::<Uri>() else {
        return;
    };
    let mut request = Request::new(());
    *request.uri_mut() = uri;
    let key = QueryKey::new("key");

    // A fragment is no part of the query.
    let query = query.split('#').next().unwrap_or_default();
    let pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut values = pairs.filter(|(name, _)| decoded(name) == b"key");
    let only = values.next().filter(|_| values.next().is_none());
    let value = only
        .map(|(_, value)| decoded(value))
        .filter(|value| !value.is_empty());
    assert_eq!(
        key.key(Head::from(&request)),
        value.as_deref().map(Key::from)
    );
});

/// What a text in a query stands for (<https://url.spec.whatwg.org/#urlencoded-parsing>).
fn decoded(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut decoded = Vec::new();
    while let [byte, behind @ ..] = rest {
        rest = behind;
        let digits = behind
            .get(..2)
            .filter(|two| two.iter().all(u8::is_ascii_hexdigit));
        match (byte, digits) {
            (b'+', _) => decoded.push(b' '),
            (b'%', Some(digits)) => {
                let digits = std::str::from_utf8(digits).unwrap();
                decoded.push(u8::from_str_radix(digits, 16).unwrap());
                rest = &behind[2..];
            }
            (byte, _) => decoded.push(*byte),
        }
    }
    decoded
}
