use std::error::Error;
use std::fmt;
use std::time::Duration;

use redis::RedisError;
use tower_edge_core::BoxError;

/// Why the store has no decision.
#[derive(Debug)]
#[non_exhaustive]
pub enum RedisStoreError {
    /// The server has not decided, and the fallback has failed too.
    Fallback(BoxError),
    /// The server was not called, since it has failed several times in a row and a pause is not over.
    Paused,
    /// The server or the connection has failed.
    Redis(RedisError),
    /// The server has sent an invalid reply.
    Reply,
    /// The server has not replied in time.
    TimedOut {
        /// How long the call waited: the timeout, less the wait for another request's refill.
        after: Duration,
    },
}

impl fmt::Display for RedisStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fallback(_) => f.write_str("the fallback of the Redis server could not decide"),
            Self::Paused => f.write_str("the Redis server is not called, after several failures"),
            Self::Redis(_) => f.write_str("the Redis server could not decide"),
            Self::Reply => f.write_str("the Redis server has sent an invalid reply"),
            Self::TimedOut { after } => {
                write!(f, "the Redis server has not replied within {after:?}")
            }
        }
    }
}

impl Error for RedisStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Fallback(error) => Some(&**error),
            Self::Redis(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use redis::ErrorKind;

    use super::*;

    #[test]
    fn an_error_has_its_cause_as_its_source() {
        let rejected = RedisError::from((ErrorKind::Io, "connection refused"));
        let causes = [
            RedisStoreError::Redis(rejected),
            RedisStoreError::Fallback("no room".into()),
            RedisStoreError::Paused,
        ]
        .map(|error| error.source().map(ToString::to_string));

        let [redis, fallback, none] = causes;
        assert!(redis.is_some_and(|cause| cause.contains("connection refused")));
        assert_eq!((fallback.as_deref(), none), (Some("no room"), None));
        let late = RedisStoreError::TimedOut {
            after: Duration::from_millis(20),
        };
        assert_eq!(
            late.to_string(),
            "the Redis server has not replied within 20ms"
        );
    }
}
