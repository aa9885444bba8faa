use std::error::Error;
use std::fmt;
use std::sync::Arc;

use tower_edge_core::Head;
use tower_edge_core::http_ext::fnv_1a;

/// For whom refusals are more than words.
///
/// Of a [policy](super::super::Policy::with_enforcement) it is for all that the policy refuses, the
/// minimum and malformed versions too. To try a new minimum out while the one before holds, give the
/// [next minimum](super::super::Rule::with_next_minimum) an enforcement of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Enforcement {
    /// Everybody.
    #[default]
    Everyone,
    /// Nobody: what would have been refused is told to logs, metrics and the hook, and served.
    Observe,
    /// So many of all clients, by the key that
    /// [`Policy::with_share_by`](super::super::Policy::with_share_by) names; the others are served. A
    /// policy that has a share and no such key is refused.
    Share(Percent),
}

impl Enforcement {
    pub(in crate::version_gate) fn is_for(self, key: impl FnOnce() -> Option<u64>) -> bool {
        match self {
            Self::Everyone => true,
            Self::Observe => false,
            // Whom nobody can tell from others is refused once everybody is.
            Self::Share(share) => key().map_or(share.0 >= 100, |hash| share.holds(hash)),
        }
    }
}

/// A part of all clients, from 0 to 100 in a hundred.
///
/// The same client always falls on the same side, on every machine and after every restart, and whom a
/// share holds, a larger one holds as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u8);

impl Percent {
    /// So many in a hundred.
    ///
    /// # Errors
    ///
    /// When there are more than 100.
    pub const fn new(percent: u8) -> Result<Self, PercentError> {
        if percent <= 100 {
            Ok(Self(percent))
        } else {
            Err(PercentError { percent })
        }
    }

    /// So many in a hundred.
    #[must_use]
    pub const fn percent(self) -> u8 {
        self.0
    }

    fn holds(self, hash: u64) -> bool {
        hash % 100 < u64::from(self.0)
    }
}

/// A share is more than everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PercentError {
    percent: u8,
}

impl fmt::Display for PercentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "percent {} is not valid: expected 0 to 100",
            self.percent
        )
    }
}

impl Error for PercentError {}

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

    #[test]
    fn a_share_holds_so_many_of_all() {
        for percent in [0, 1, 5, 50, 99, 100] {
            let share = Percent::new(percent).unwrap();
            let held = (0..10_000)
                .filter(|client| share.holds(stable_hash(format!("device-{client}").as_bytes())));

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
    fn more_than_everything_is_refused() {
        assert_eq!(Percent::new(100).unwrap().percent(), 100);
        assert_eq!(
            Percent::new(101).unwrap_err().to_string(),
            "percent 101 is not valid: expected 0 to 100"
        );
    }

    #[test]
    fn a_client_without_a_key_is_held_with_everybody() {
        for (percent, held) in [(0, false), (99, false), (100, true)] {
            let share = Enforcement::Share(Percent::new(percent).unwrap());

            assert_eq!(share.is_for(|| None), held, "{percent}");
        }
    }

    proptest! {
        #[test]
        fn whom_a_share_holds_a_larger_one_holds_as_well(key: Vec<u8>, percent in 0..100_u8) {
            let hash = stable_hash(&key);
            let holds = |percent| Percent::new(percent).unwrap().holds(hash);

            assert!(!holds(percent) || holds(percent + 1));
            assert!(holds(100));
        }
    }
}
