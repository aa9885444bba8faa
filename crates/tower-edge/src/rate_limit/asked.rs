use std::num::NonZeroU32;

use smallvec::SmallVec;
use tower_edge_core::Head;
use tower_edge_core::rate_limit::KeyHash;

use super::Limit;

/// What one request asks of all policies that it meets.
pub(super) type Asked = SmallVec<[Ask; 2]>;

/// What one request asks of one policy. It borrows from nobody, so that it can be settled later.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    pub(super) cost: NonZeroU32,
    pub(super) is_binding: bool,
    pub(super) key: KeyHash,
    pub(super) place: Place,
}

impl Ask {
    pub(super) fn new(
        number: usize,
        tier: usize,
        key: KeyHash,
        limit: &Limit,
        head: Head<'_>,
    ) -> Self {
        Self {
            cost: limit.cost(head),
            is_binding: limit.mode.binds(key),
            key,
            // Neither is cut: a layer has at most 64 limits, and a place that is not there asks nothing.
            place: Place {
                limit: u8::try_from(number).unwrap_or(u8::MAX),
                tier: u16::try_from(tier).unwrap_or(u16::MAX),
            },
        }
    }
}

/// Which limit, and which of its policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    limit: u8,
    tier: u16,
}

impl Place {
    pub(super) const fn limit(self) -> usize {
        self.limit as usize
    }

    pub(super) const fn tier(self) -> usize {
        self.tier as usize
    }
}
