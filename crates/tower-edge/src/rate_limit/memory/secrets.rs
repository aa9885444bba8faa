use std::hash::{BuildHasher, Hasher, RandomState};

use tower_edge_core::rate_limit::Key;

/// What keys are hashed with.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets {
    state: RandomState,
}

impl Secrets {
    pub(super) fn hash(&self, key: &Key<'_>) -> u64 {
        let mut hasher = self.state.build_hasher();
        key.hash_into(&mut hasher);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv6Addr};

    use super::*;

    #[test]
    fn an_address_is_no_text_of_the_same_bytes() {
        let secrets = Secrets::default();
        let text = secrets.hash(&Key::Text(&[127, 0, 0, 1]));

        assert_ne!(
            secrets.hash(&Key::Address(IpAddr::from([127, 0, 0, 1]))),
            text
        );
        assert_eq!(secrets.hash(&Key::Text(&[127, 0, 0, 1])), text);
    }

    #[test]
    fn stores_do_not_share_their_secrets() {
        let key = Key::Address(Ipv6Addr::LOCALHOST.into());

        assert_ne!(Secrets::default().hash(&key), Secrets::default().hash(&key));
    }
}
