use std::fmt;
use std::hash::Hasher;

use tower_edge_core::rate_limit::{Key, KeyHash};

/// What keys are hashed with: the same on all machines that share the counts.
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

/// A secret is not printed.
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

    /// Keys only write; the hash is longer than this.
    fn finish(&self) -> u64 {
        0
    }
}

const CONTEXT: &str = "tower-edge-redis 2026-11 names of keys";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_with_one_secret_agree_and_others_do_not() {
        let key = Key::Text(b"pk_test_ok");
        let hash = |secret: [u8; 16]| KeySecret::new(&secret).hash(&key);

        assert_eq!(hash([7; 16]), hash([7; 16]));
        assert_ne!(hash([7; 16]), hash([8; 16]));
        assert_ne!(hash([0; 16]), KeySecret::default().hash(&key));
        assert_ne!(
            hash([7; 16]),
            KeySecret::new(&[7; 16]).hash(&Key::Text(b"other"))
        );
    }

    #[test]
    fn the_same_key_has_the_same_hash_in_every_release() {
        let hash = KeySecret::default().hash(&Key::Text(b"pk_test_ok"));

        assert_eq!(hash.to_string(), "d31f585b9b6d62c67cb9f2ed090fbc42");
    }
}
