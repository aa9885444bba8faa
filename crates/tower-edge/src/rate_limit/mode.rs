use tower_edge_core::rate_limit::KeyHash;

/// Whether a limit that refuses a request keeps it from going on.
///
/// What does not bind is decided, counted and logged all the same, and no answer speaks of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// It does. The default.
    #[default]
    Enforce,
    /// It does for so many of the clients, and always for the same ones.
    Sampled(Percent),
    /// It never does.
    Shadow,
}

impl Mode {
    pub(super) fn binds(self, key: KeyHash) -> bool {
        match self {
            Self::Enforce => true,
            Self::Sampled(Percent(percent)) => key.to_bits() % 100 < percent.into(),
            Self::Shadow => false,
        }
    }
}

/// A part of a hundred, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u8);

impl Percent {
    /// So many of a hundred; `None` for more than all.
    #[must_use]
    pub const fn new(percent: u8) -> Option<Self> {
        match percent {
            0..=100 => Some(Self(percent)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_always_of_the_same_clients() {
        let tenth = Mode::Sampled(Percent::new(10).unwrap());
        let bound = |bits: u128| tenth.binds(KeyHash::from_bits(bits));

        assert_eq!((0..1000).filter(|bits| bound(*bits)).count(), 100);
        assert!(bound(7) && bound(7));
    }

    #[test]
    fn none_and_all_are_parts_too() {
        for bits in 0..1000 {
            let key = KeyHash::from_bits(bits);
            assert!(Mode::Sampled(Percent(100)).binds(key));
            assert!(!Mode::Sampled(Percent(0)).binds(key));
        }
        assert_eq!(Percent::new(101), None);
    }
}
