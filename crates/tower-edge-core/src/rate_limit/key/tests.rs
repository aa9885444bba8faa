use std::collections::HashMap;

use super::*;

/// Keeps the calls, as a hasher may make a difference between them.
#[derive(Default)]
struct Calls(Vec<Vec<u8>>);

impl Hasher for Calls {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.push(bytes.to_vec());
    }
}

fn calls(key: Key<'_>) -> Vec<Vec<u8>> {
    let mut calls = Calls::default();
    key.hash_into(&mut calls);
    calls.0
}

fn bytes(key: Key<'_>) -> Vec<u8> {
    calls(key).concat()
}

fn text(text: &str) -> Key<'_> {
    Key::Text(text.as_bytes())
}

/// Keys that look alike when the bounds between their parts are lost: every way to join up to four of
/// few small ones, in up to two levels, with texts that look like what is written for others.
fn alike() -> Vec<Key<'static>> {
    let v4 = IpAddr::from([97, 98, 99, 100]);
    let v6 = IpAddr::from(*b"abcdefghijklmnop");
    let written: &'static [u8] = bytes(text("a")).leak();
    let written_joined: &'static [u8] = bytes(Key::from([text("a"), text("b")])).leak();
    let leaves = [
        text(""),
        text("a"),
        text("ab"),
        text("abcd"),
        text("abcdefghijklmnop"),
        Key::Text(written),
        Key::Text(written_joined),
        Key::Address(v4),
        Key::Address(v6),
    ];
    let pairs: Vec<_> = leaves
        .iter()
        .flat_map(|first| leaves.map(|second| Key::from([*first, second])))
        .collect();
    let mut keys = leaves.to_vec();
    for pair in &pairs {
        keys.extend(leaves.map(|leaf| Key::from([*pair, leaf])));
        keys.extend(leaves.map(|leaf| Key::from([leaf, *pair])));
        keys.extend(pairs.iter().map(|other| Key::from([*pair, *other])));
    }
    for [a, b, c] in leaves
        .iter()
        .flat_map(|a| leaves.iter().flat_map(|b| leaves.map(|c| [*a, *b, c])))
    {
        keys.push(Key::from([a, b, c]));
        keys.push(Key::from([Key::from([a, b, c]), text("a")]));
        keys.push(Key::from([text("a"), Key::from([a, b, c])]));
        keys.extend(leaves.map(|d| Key::from([a, b, c, d])));
        keys.extend(leaves.map(|d| Key::from([a, Key::from([b, c]), d])));
    }
    keys.extend(pairs);
    keys
}

#[test]
fn keys_that_differ_never_write_the_same_bytes() {
    let keys = alike();
    let mut written = HashMap::new();

    for key in &keys {
        if let Some(other) = written.insert(bytes(*key), *key) {
            panic!("{key:?} and {other:?}");
        }
    }

    assert!(keys.len() > 20_000);
}

// A stream that begins another could be completed to it by the next key.
#[test]
fn no_key_writes_the_beginning_of_another() {
    let mut written: Vec<_> = alike().into_iter().map(bytes).collect();
    written.sort();

    for two in written.windows(2) {
        assert!(!two[1].starts_with(&two[0]), "{two:?}");
    }
}

#[test]
fn a_text_is_the_same_key_however_it_is_encoded() {
    let long = "ab".repeat(400);
    let encoded = "a%62".repeat(400);

    let (just_short, just_long) = ("%61".repeat(56), "%61".repeat(57));

    for (plain, encoded) in [
        (&*"a".repeat(56), &*just_short),
        (&*"a".repeat(57), &*just_long),
        ("ab c", "%61b+c"),
        ("ab c", "a%62%20c"),
        ("", ""),
        (&*long, &*encoded),
    ] {
        let key = Key::UrlEncoded(encoded.as_bytes());
        assert_eq!(key, text(plain));
        assert_eq!(text(plain), key);
        assert_eq!(calls(key), calls(text(plain)), "{encoded}");
    }
    assert_eq!(Key::UrlEncoded(b"%61"), Key::UrlEncoded(b"a"));
    assert_ne!(Key::UrlEncoded(b"a"), text("b"));
}

#[test]
fn the_bytes_are_the_same_on_every_machine() {
    let key = Key::from([Key::Address(IpAddr::from([192, 0, 2, 1])), text("ab")]);

    assert_eq!(
        bytes(key),
        [
            &[3, 2, 0, 0, 0, 0, 0, 0][..],
            &[0, 0, 0, 0, 0, 0, 0, 0],
            &[1, 4, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1],
            &[2, 2, 0, 0, 0, 0, 0, 0, b'a', b'b'],
        ]
        .concat()
    );
}

#[test]
fn bounds_inside_a_joined_key_count() {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(text);
    let keys = [
        Key::from([a, b, c]),
        Key::from([Key::from([a, b]), c]),
        Key::from([a, Key::from([b, c])]),
        Key::from([a, b, c, d]),
        Key::from([Key::from([a, b, c]), d]),
        Key::from([Key::from([Key::from([a, b]), c]), d]),
        Key::from([Key::from([a, Key::from([b, c])]), d]),
        Key::from([Key::from([a, b]), Key::from([c, d])]),
    ];

    for (at, key) in keys.iter().enumerate() {
        for other in &keys[..at] {
            assert_ne!(key, other);
            assert_ne!(bytes(*key), bytes(*other));
        }
    }
}

#[test]
fn what_there_is_no_room_for_tells_nobody_apart_and_is_not_mistaken_for_nothing() {
    let [a, b] = ["a", "b"].map(text);
    let four = Key::from([a, a, a, a]);

    assert_eq!(Key::from([four, a]), Key::from([four, b]));
    assert_eq!(bytes(Key::from([four, a])), bytes(Key::from([four, b])));
    assert_ne!(Key::from([a, four]), Key::from([b, four]));
    let three = Key::from([a, a, a]);
    for cut in [
        Key::from([three, a, b]),
        Key::from([three, Key::from([a, b])]),
    ] {
        assert_ne!(Key::from([three, a]), cut);
        assert_ne!(bytes(Key::from([three, a])), bytes(cut));
    }
}

#[test]
fn debug_does_not_tell_a_key() {
    let keys = [
        text("secret"),
        Key::UrlEncoded(b"%73ecret"),
        Key::Address(IpAddr::from([192, 0, 2, 1])),
        Key::from([text("secret"), Key::UrlEncoded(b"secret")]),
    ];

    let told = keys.map(|key| format!("{key:?}"));

    assert_eq!(
        told,
        [
            "Text(6 bytes)",
            "UrlEncoded(8 bytes)",
            "Address(4 bytes)",
            "Joined([Text(6 bytes), UrlEncoded(6 bytes)])",
        ]
    );
}
