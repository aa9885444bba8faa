//! Which part of all clients a rejection is enforced for.

use std::fmt;
use std::sync::Arc;

use tower_edge_core::Head;
use tower_edge_core::http_ext::fnv_1a;

/// The function that identifies a client.
#[derive(Clone)]
pub(super) struct RolloutKey(Arc<Key>);

type Key = dyn for<'a> Fn(Head<'a>) -> Option<&'a [u8]> + Send + Sync;

impl RolloutKey {
    pub(super) fn new(
        key: impl for<'a> Fn(Head<'a>) -> Option<&'a [u8]> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(key))
    }

    /// The same for all requests of a client.
    pub(super) fn hash(&self, head: Head<'_>) -> Option<u64> {
        let Self(key) = self;
        key(head).map(stable_hash)
    }
}

impl fmt::Debug for RolloutKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RolloutKey(..)")
    }
}

/// [FNV-1a](https://www.rfc-editor.org/rfc/rfc9923), mixed once more. It is the same in every process and version, so a
/// client always is on the same side. Nobody gains by choosing the side.
fn stable_hash(key: &[u8]) -> u64 {
    let hash = fnv_1a(key);
    let mixed = (hash ^ hash >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 32
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

    proptest! {
        #[test]
        fn a_larger_percentage_holds_the_clients_of_a_smaller_one(key: Vec<u8>, percent in 0..100_u8) {
            let hash = stable_hash(&key);
            let holds = |percent| Percent::new(percent).unwrap().contains(hash);

            assert!(!holds(percent) || holds(percent + 1));
            assert!(holds(100));
        }
    }
}
