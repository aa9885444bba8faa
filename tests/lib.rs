//! Servers that tests of several packages run against: a [`RedisServer`] of each test's own, and three
//! of them as a [`RedisCluster`].
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod redis_server;

pub use self::redis_server::{RedisCluster, RedisServer};
