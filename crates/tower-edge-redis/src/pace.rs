use std::time::Duration;

/// How much an account is asked for on this machine, in the time that a lease lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    before: u32,
    lasts: Duration,
    since: Duration,
    units: u32,
}

impl Pace {
    pub(crate) const fn new(lasts: Duration, now: Duration) -> Self {
        Self {
            before: 0,
            lasts,
            since: now,
            units: 0,
        }
    }

    pub(crate) fn count(&mut self, units: u32, now: Duration) {
        let ago = now.saturating_sub(self.since);
        if ago >= self.lasts {
            self.before = if ago < 2 * self.lasts { self.units } else { 0 };
            (self.since, self.units) = (now, 0);
        }
        self.units = self.units.saturating_add(units);
    }

    /// How much is worth a lease when this much is asked for now: twice what came before it, so that a
    /// key that is seldom seen takes none, and a busy one soon the most.
    pub(crate) fn worth(&self, units: u32, most: u32) -> u32 {
        let others = self.units.saturating_sub(units).max(self.before);
        others.saturating_mul(2).min(most)
    }

    pub(crate) fn units(&self) -> u32 {
        self.units.max(self.before)
    }
}
