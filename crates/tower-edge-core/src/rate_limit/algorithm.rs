use super::Calendar;

/// How a [`Policy`](super::Policy) counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// The count is for a day, a week or a month of the calendar, and is whole again when the next
    /// begins.
    Calendar(Calendar),
    /// The generic cell rate algorithm: what is spent comes back evenly, one by one. Within one
    /// period it lets through the burst and what comes back meanwhile: at most twice the count.
    Gcra,
    /// Never more than the count within any window of the period.
    SlidingWindow,
}
