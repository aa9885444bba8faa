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

fn calls(key: &Key<'_>) -> Vec<Vec<u8>> {
    let mut calls = Calls::default();
    key.hash_into(&mut calls);
    calls.0
}

fn bytes(key: &Key<'_>) -> Vec<u8> {
    calls(key).concat()
}

fn text(text: &'static str) -> Key<'static> {
    Key::from(text)
}

/// Keys that look alike when the bounds between their parts are lost: every way to compose up to four of
/// few small ones, in up to two levels, with texts that look like what is written for others.
fn alike() -> Vec<Key<'static>> {
    let v4 = IpAddr::from([97, 98, 99, 100]);
    let v6 = IpAddr::from(*b"abcdefghijklmnop");
    let written = bytes(&text("a"));
    let written_composite = bytes(&Key::from([text("a"), text("b")]));
    let leaves = [
        text(""),
        text("a"),
        text("ab"),
        text("abcd"),
        text("abcdefghijklmnop"),
        Key::from(written),
        Key::from(written_composite),
        Key::from(v4),
        Key::from(v6),
    ];
    let compose = |keys: &[&Key<'static>]| match keys {
        [a, b] => Key::from([(*a).clone(), (*b).clone()]),
        [a, b, c] => Key::from([*a, *b, *c].map(Key::clone)),
        [a, b, c, d] => Key::from([*a, *b, *c, *d].map(Key::clone)),
        other => panic!("{other:?}"),
    };
    let both = |one: &'_ [Key<'static>], other: &'_ [Key<'static>]| -> Vec<Key<'static>> {
        one.iter()
            .flat_map(|a| other.iter().map(move |b| compose(&[a, b])))
            .collect()
    };
    let pairs = both(&leaves, &leaves);
    let mut keys = leaves.to_vec();
    keys.extend(both(&pairs, &leaves));
    keys.extend(both(&leaves, &pairs));
    keys.extend(both(&pairs, &pairs));
    for a in &leaves {
        for b in &leaves {
            for c in &leaves {
                let three = compose(&[a, b, c]);
                keys.push(compose(&[&three, &text("a")]));
                keys.push(compose(&[&text("a"), &three]));
                keys.extend(leaves.iter().map(|d| compose(&[a, b, c, d])));
                keys.extend(leaves.iter().map(|d| compose(&[a, &compose(&[b, c]), d])));
                keys.push(three);
            }
        }
    }
    keys.extend(pairs);
    keys
}

#[test]
fn keys_that_differ_never_write_the_same_bytes() {
    let keys = alike();
    let mut written = HashMap::new();

    for key in &keys {
        if let Some(other) = written.insert(bytes(key), key) {
            panic!("{key:?} and {other:?}");
        }
    }

    assert!(keys.len() > 20_000);
}

// A stream that begins another could be completed to it by the next key.
#[test]
fn no_key_writes_the_beginning_of_another() {
    let mut written: Vec<_> = alike().iter().map(bytes).collect();
    written.sort();

    for two in written.windows(2) {
        assert!(!two[1].starts_with(&two[0]), "{two:?}");
    }
}

#[test]
fn the_bytes_are_the_same_on_every_machine() {
    let key = Key::from([
        Key::from(IpAddr::from([192, 0, 2, 1])),
        text("ab"),
        Key::from(7),
    ]);

    assert_eq!(
        bytes(&key),
        [
            &[3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0][..],
            &[1, 1, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1],
            &[2, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, b'a', b'b'],
            &[4, 3, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 7],
            &[0; 15],
        ]
        .concat()
    );
}

#[test]
fn bounds_inside_a_composite_key_count() {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(text);
    let pair = |one: &Key<'static>, other: &Key<'static>| Key::from([one.clone(), other.clone()]);
    let three = Key::from([a.clone(), b.clone(), c.clone()]);
    let keys = [
        three.clone(),
        pair(&pair(&a, &b), &c),
        pair(&a, &pair(&b, &c)),
        Key::from([a.clone(), b.clone(), c.clone(), d.clone()]),
        pair(&three, &d),
        pair(&pair(&pair(&a, &b), &c), &d),
        pair(&pair(&a, &pair(&b, &c)), &d),
        pair(&pair(&a, &b), &pair(&c, &d)),
    ];

    for (at, key) in keys.iter().enumerate() {
        for other in &keys[..at] {
            assert_ne!(key, other);
            assert_ne!(bytes(key), bytes(other));
        }
    }
}

#[test]
fn a_key_of_many_parts_keeps_all_of_them() {
    let many = |last| Key::from([1, 2, 3, 4, 5, last].map(Key::from));

    assert_ne!(many(6), many(7));
    assert_ne!(bytes(&many(6)), bytes(&many(7)));
}

#[test]
fn a_number_is_one_key_whatever_its_type_is() {
    assert_eq!(Key::from(7_u8), Key::from(7_i64));
    assert_eq!(Key::from(7_u64), Key::from(7_u128));
    assert_eq!(Key::from(7_usize), Key::from(7_i8));
    assert_eq!(Key::from(-7_i16), Key::from(-7_i64));
    assert_ne!(Key::from(7), Key::from("7"));
    assert_ne!(Key::from(-7), Key::from(7));
}

#[test]
fn one_text_is_one_key_whatever_holds_it() {
    let shared: Arc<str> = "ab".into();

    for key in [
        Key::from(b"ab"),
        Key::from(&shared),
        Key::from(Cow::Borrowed("ab")),
        Key::from(Cow::<str>::Owned("ab".into())),
    ] {
        assert_eq!(key, Key::from("ab"));
    }
}

#[test]
fn one_address_is_one_key_whatever_its_type_is() {
    let (v4, v6) = (Ipv4Addr::LOCALHOST, Ipv6Addr::LOCALHOST);

    assert_eq!(Key::from(v4), Key::from(IpAddr::V4(v4)));
    assert_eq!(Key::from(v6), Key::from(IpAddr::V6(v6)));
}

#[test]
fn long_bytes_are_written_apart_however_they_are_owned() {
    for length in [0, 52, 53, 800] {
        let text = "a".repeat(length);

        assert_eq!(
            calls(&Key::from(&text)),
            calls(&Key::from(text.clone())),
            "{length}"
        );
    }
}

#[test]
fn debug_does_not_print_a_key() {
    let keys = [
        text("secret"),
        Key::from(IpAddr::from([192, 0, 2, 1])),
        Key::from([text("secret"), Key::from(4711)]),
    ];

    let printed = keys.map(|key| format!("{key:?}"));

    assert_eq!(
        printed,
        ["Key(Bytes(6))", "Key(Address)", "Key([Bytes(6), Number])"]
    );
}
