use std::error::Error;
use std::fmt;
use std::hash::Hasher;
use std::io::Write;
use std::sync::Arc;

use redis::{RedisWrite, ToRedisArgs, ToSingleRedisArg};
use tower_edge_core::http_ext::hex;
use tower_edge_core::rate_limit::{Algorithm, Key, KeyHash, Quota};

/// The prefix of the names of all keys of a store.
#[derive(Clone, Debug)]
pub(crate) struct Prefix(Arc<str>);

impl Prefix {
    pub(crate) fn new(text: &str) -> Result<Self, PrefixError> {
        let is_valid = |byte: u8| byte.is_ascii_graphic() && byte != b'{' && byte != b'}';
        if (1..=MAX_PREFIX).contains(&text.len()) && text.bytes().all(is_valid) {
            Ok(Self(text.into()))
        } else {
            Err(PrefixError {
                prefix: text.chars().take(MAX_PREFIX).collect(),
            })
        }
    }

    /// The name of the account of a key under a quota: at most 117 bytes, with no byte of a user's.
    ///
    /// The text in braces decides the slot in a
    /// [cluster](https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags), so that all
    /// accounts of one key are in one slot. The algorithm is a part of the name: a quota with another algorithm begins
    /// anew.
    pub(crate) fn name(&self, key: KeyHash, quota: &Quota) -> Name<'_> {
        let kind = match quota.algorithm() {
            Algorithm::Calendar(_) => "c",
            Algorithm::SlidingWindow => "w",
            _ => "g",
        };
        Name {
            id: quota.id(),
            key,
            kind,
            prefix: self,
            reset: "",
        }
    }

    /// The name of the key that stores when the account was reset.
    pub(crate) fn name_of_reset(&self, key: KeyHash, quota: &Quota) -> Name<'_> {
        Name {
            reset: "r",
            ..self.name(key, quota)
        }
    }
}

/// The name of a key on the server. It is written only into the command.
#[derive(Debug)]
pub(crate) struct Name<'a> {
    id: u64,
    key: KeyHash,
    kind: &'static str,
    prefix: &'a Prefix,
    reset: &'static str,
}

impl ToRedisArgs for Name<'_> {
    fn write_redis_args<W: RedisWrite + ?Sized>(&self, out: &mut W) {
        let (key, id) = (hex(self.key.to_bits()), hex(self.id.into()));
        let [prefix, kind, reset] = [&*self.prefix.0, self.kind, self.reset].map(str::as_bytes);
        let mut name = out.writer_for_next_arg();
        for part in [prefix, b":{", &key, b"}:", &id[16..], kind, reset] {
            // A command has room for all.
            let _ = name.write_all(part);
        }
    }
}

impl ToSingleRedisArg for Name<'_> {}

impl Default for Prefix {
    fn default() -> Self {
        Self("tower-edge".into())
    }
}

/// The prefix of the keys is not valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixError {
    prefix: String,
}

impl fmt::Display for PrefixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "invalid prefix {:?}: expected 1 to {MAX_PREFIX} printable ASCII characters without spaces and braces",
            self.prefix
        )
    }
}

impl Error for PrefixError {}

/// The secret for hashing keys: the same on all machines that share the counts.
#[derive(Clone)]
pub(crate) struct KeySecret([u8; blake3::KEY_LEN]);

impl KeySecret {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self(blake3::derive_key(CONTEXT, secret))
    }

    pub(crate) fn hash(&self, key: &Key<'_>) -> KeyHash {
        let mut hasher = KeyHasher(blake3::Hasher::new_keyed(&self.0));
        key.hash_into(&mut hasher);
        let mut bits = [0; 16];
        hasher.0.finalize_xof().fill(&mut bits);
        KeyHash::from_bits(u128::from_be_bytes(bits))
    }
}

impl Default for KeySecret {
    fn default() -> Self {
        Self::new(&[])
    }
}

/// Does not print the secret.
impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySecret(..)")
    }
}

struct KeyHasher(blake3::Hasher);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// A key only writes into the hasher: its hash is longer than this number.
    fn finish(&self) -> u64 {
        0
    }
}

const MAX_PREFIX: usize = 64;
const CONTEXT: &str = "tower-edge-redis 2026-11 names of keys";

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &Name<'_>) -> String {
        String::from_utf8(name.to_redis_args().concat()).unwrap()
    }

    #[test]
    fn a_name_is_short_and_its_tag_is_the_hash() {
        let longest = Prefix::new(&"p".repeat(64)).unwrap();
        let quota = Quota::per_second(1).try_named(&"n".repeat(64)).unwrap();
        let key = KeyHash::from_bits(0xabc);

        let name = text(&longest.name(key, &quota));

        assert!(name.len() <= 117, "{name}");
        assert!(
            name.contains(":{00000000000000000000000000000abc}:"),
            "{name}"
        );
        let reset = text(&longest.name_of_reset(key, &quota));
        assert_eq!(reset, format!("{name}r"));
        assert_ne!(text(&longest.name(key, &quota.sliding_window())), name);
    }

    #[test]
    fn rejects_a_prefix_that_moves_the_tag_or_has_no_end() {
        for bad in ["", "a b", "a{b", "a}b", "größe", "a\n", &"a".repeat(65)] {
            assert!(Prefix::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            Prefix::new("a{b").unwrap_err().to_string(),
            "invalid prefix \"a{b\": expected 1 to 64 printable ASCII characters without spaces and braces"
        );
    }

    #[test]
    fn machines_with_one_secret_agree_and_others_do_not() {
        let key = Key::from("pk_test_ok");
        let hash = |secret: [u8; 16]| KeySecret::new(&secret).hash(&key);

        assert_eq!(hash([7; 16]), hash([7; 16]));
        assert_ne!(hash([7; 16]), hash([8; 16]));
        assert_ne!(hash([0; 16]), KeySecret::default().hash(&key));
        assert_ne!(
            hash([7; 16]),
            KeySecret::new(&[7; 16]).hash(&Key::from("other"))
        );
    }

    #[test]
    fn the_same_key_has_the_same_hash_in_every_release() {
        let hash = KeySecret::default().hash(&Key::from("pk_test_ok"));

        assert_eq!(hash.to_string(), "c2ff5bf566c5fa127a2c108d0a6269d4");
    }
}
