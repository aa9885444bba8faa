//! The algorithms of quotas, and the calendars that they follow.
//!
//! ```
//! use std::time::Duration;
//!
//! use tower_edge::rate_limit::quota::{Algorithm, UtcOffset};
//! use tower_edge::rate_limit::{Calendar, Quota};
//!
//! // 100 at once, and then one each 600 ms.
//! const BUCKET: Quota = Quota::per_minute(100);
//! // 20 at once, and then 100 a minute.
//! const BURST: Quota = Quota::per_minute(100).with_burst(20);
//! // Never more than 100 in any minute.
//! const STRICT: Quota = Quota::per_minute(100).sliding_window();
//! // One in four seconds, two at once.
//! const SLOW: Quota = Quota::per(1, Duration::from_secs(4)).with_burst(2);
//!
//! assert_eq!(BUCKET.algorithm(), Algorithm::Gcra);
//! assert_eq!(BURST.limit().get(), 20);
//! assert_eq!(STRICT.to_string(), "minute=100/1m;sliding");
//! assert_eq!(SLOW.to_string(), "default=1/4s;burst=2");
//!
//! // 1000 for each day in Tokyo.
//! let tokyo = Calendar::DAY.with_offset(UtcOffset::from_minutes(9 * 60)?);
//! let daily = Quota::per_day(1000).with_calendar(tokyo);
//! assert_eq!(daily.to_string(), "day=1000/day+09:00");
//! # Ok::<(), tower_edge::rate_limit::quota::UtcOffsetError>(())
//! ```
//!
//! | text | quota |
//! |---|---|
//! | `20/1s` | `Quota::per_second(20)` |
//! | `login=5/1m` | `Quota::per_minute(5).named("login")` |
//! | `100/1m;burst=20` | `Quota::per_minute(100).with_burst(20)` |
//! | `100/1h;sliding` | `Quota::per_hour(100).sliding_window()` |
//! | `10000/month` | `Quota::per_month(10_000)` |
//!
//! `"20/1s".parse::<Quota>()` parses the text. With feature `serde`, a configuration file has it.

pub use tower_edge_core::rate_limit::{Algorithm, CalendarPeriod, UtcOffset, UtcOffsetError};
