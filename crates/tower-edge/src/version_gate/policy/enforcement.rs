use std::fmt;
use std::sync::Arc;

use tower_edge_core::Head;
use tower_edge_core::http_ext::fnv_1a;

use crate::Enforcement;

/// Whether a policy rejects the client with this key.
pub(super) fn enforces(enforcement: Enforcement, key: impl FnOnce() -> Option<u64>) -> bool {
    match enforcement {
        Enforcement::Enforce => true,
        Enforcement::DryRun => false,
        // A client that cannot be told from others is rejected once all are.
        Enforcement::Percent(part) => {
            key().map_or(part.percent() >= 100, |hash| part.contains(hash))
        }
    }
}

/// [FNV-1a](https://www.rfc-editor.org/rfc/rfc9923), mixed once more: it is the same everywhere and for
/// ever, as std's hashes need not be. A client that picks its side gains an old client.
fn stable_hash(key: &[u8]) -> u64 {
    let hash = fnv_1a(key);
    let mixed = (hash ^ hash >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 32
}

/// What tells one client from another.
#[derive(Clone)]
pub(super) struct ShareBy(Arc<Key>);

type Key = dyn for<'a> Fn(Head<'a>) -> Option<&'a [u8]> + Send + Sync;

impl ShareBy {
    pub(super) fn new(
        key: impl for<'a> Fn(Head<'a>) -> Option<&'a [u8]> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(key))
    }

    /// The same for all requests of a client, where it is known.
    pub(super) fn hash(&self, head: Head<'_>) -> Option<u64> {
        let Self(key) = self;
        key(head).map(stable_hash)
    }
}

impl fmt::Debug for ShareBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShareBy(..)")
    }
}

/// What becomes of a request whose client is not certain: that names no version, or names one that
/// cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Uncertain {
    /// It is served.
    LetThrough,
    /// It is refused with 400.
    Refuse,
}

/// What becomes of a client on a platform that the policy has no rule for.
///
/// A client that names no platform at all is held to the rule for everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnknownPlatform {
    /// It is held to the rule for everybody.
    #[default]
    ByDefault,
    /// It is served, whatever its version is.
    LetThrough,
    /// It is refused, with the status of outdated clients.
    Refuse,
}

#[cfg(test)]
mod tests {
    use proptest::proptest;

    use super::*;
    use crate::Percent;

    #[test]
    fn a_share_holds_so_many_of_all() {
        for percent in [0, 1, 5, 50, 99, 100] {
            let share = Percent::new(percent).unwrap();
            let held = (0..10_000).filter(|client| {
                share.contains(stable_hash(format!("device-{client}").as_bytes()))
            });

            let held = held.count();

            let expected = usize::from(percent) * 100;
            assert!(held.abs_diff(expected) < 200, "{held} of {expected}");
        }
    }

    // Released versions and other machines must agree with this one.
    #[test]
    fn the_same_client_always_falls_on_the_same_side() {
        let sides = ["", "a", "device-1", "device-2"].map(|key| stable_hash(key.as_bytes()) % 100);

        assert_eq!(sides, [13, 56, 95, 17]);
    }

    #[test]
    fn a_client_without_a_key_is_held_with_everybody() {
        for (percent, held) in [(0, false), (99, false), (100, true)] {
            let share = Enforcement::Percent(Percent::new(percent).unwrap());

            assert_eq!(enforces(share, || None), held, "{percent}");
        }
    }

    proptest! {
        #[test]
        fn whom_a_share_holds_a_larger_one_holds_as_well(key: Vec<u8>, percent in 0..100_u8) {
            let hash = stable_hash(&key);
            let holds = |percent| Percent::new(percent).unwrap().contains(hash);

            assert!(!holds(percent) || holds(percent + 1));
            assert!(holds(100));
        }
    }
}
