use std::num::NonZeroU32;
use std::time::Duration;

/// How much of its limit an account has used, in 65536ths: what it owes does not grow less with time,
/// as it does under GCRA, but is forgotten at once.
pub(super) fn share(used: u32, limit: NonZeroU32) -> u32 {
    let share = (u64::from(used) << 16) / u64::from(limit.get());
    u32::try_from(share).unwrap_or(u32::MAX)
}

/// The rank of an account that has used this share. Of those that have used as much, the one that came
/// last ranks lowest, so that a flood of new keys pushes out itself.
pub(super) const fn rank(share: u32, forgotten_at: u64) -> u64 {
    let seconds = forgotten_at >> 20;
    (share as u64) << 32 | (u32::MAX as u64).saturating_sub(seconds % (1 << 32))
}

/// 584 000 years fit.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
