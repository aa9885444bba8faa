//! How quotas count, and the calendars that they follow.

pub use tower_edge_core::rate_limit::{Algorithm, CalendarPeriod, UtcOffset, UtcOffsetError};
