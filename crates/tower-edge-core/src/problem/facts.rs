use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::message::Message;
use crate::rate_limit::KeyHash;

/// What the rejecting layer knows about a request, in types that a format can match on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Facts {
    /// A rate limit or a quota was exceeded.
    RateLimit(RateLimitFacts),
    /// Something upstream took too long.
    Timeout(TimeoutFacts),
    /// The client is too old, or too new.
    Version(VersionFacts),
}

impl Facts {
    /// The message, if the facts contain one.
    pub(super) fn message(&self) -> Option<&str> {
        match self {
            Self::Version(facts) => Some(facts.message()),
            Self::RateLimit(_) | Self::Timeout(_) => None,
        }
    }
}

/// What is known, for logs, such as `quota="minute", limit=10, window=60s, used=11`.
impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RateLimit(facts) => {
                write!(f, "quota={:?}, limit={}", facts.quota, facts.limit)?;
                write!(f, ", window={:?}, used={}", facts.window, facts.used)?;
                if !facts.others.is_empty() {
                    write!(f, ", others={:?}", facts.others)?;
                }
                optional(f, "scope", facts.scope.as_ref())?;
                optional(f, "key", facts.key.as_ref())
            }
            Self::Timeout(facts) => {
                let TimeoutFacts {
                    phase,
                    limit,
                    elapsed,
                    ..
                } = facts;
                write!(f, "phase={phase}, limit={limit:?}, elapsed={elapsed:?}")?;
                optional(f, "operation", facts.operation.as_ref())?;
                optional(f, "upstream", facts.upstream.as_ref())
            }
            Self::Version(facts) => {
                write!(
                    f,
                    "client={:?}, minimum={:?}",
                    facts.client(),
                    facts.minimum
                )?;
                optional(f, "maximum", facts.maximum.as_ref())?;
                optional(f, "server", facts.server.as_ref())
            }
        }
    }
}

/// Texts are quoted, since a client may have sent them.
fn optional(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    value: Option<&impl fmt::Debug>,
) -> fmt::Result {
    match value {
        Some(value) => write!(f, ", {name}={value:?}"),
        None => Ok(()),
    }
}

/// The limit that a request exceeded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimitFacts {
    /// The name of the quota. If several are exceeded, it is the one with the longest wait.
    pub quota: Cow<'static, str>,
    /// The names of the other quotas that the request exceeded.
    pub others: Vec<Cow<'static, str>>,
    /// How much the quota allows within its window.
    pub limit: u32,
    /// The window that the limit is for.
    pub window: Duration,
    /// How much of the limit is used, including the rejected request.
    pub used: u32,
    /// What the limit is for, such as `user`.
    pub scope: Option<Arc<str>>,
    /// The key of the limit, as the store's hash.
    pub key: Option<KeyHash>,
}

impl RateLimitFacts {
    /// The facts of a rejection.
    #[must_use]
    pub const fn new(quota: Cow<'static, str>, limit: u32, window: Duration, used: u32) -> Self {
        Self {
            quota,
            others: Vec::new(),
            limit,
            window,
            used,
            scope: None,
            key: None,
        }
    }

    /// Sets the names of the other quotas that the request exceeded.
    #[must_use]
    pub fn with_others(mut self, others: Vec<Cow<'static, str>>) -> Self {
        self.others = others;
        self
    }

    /// The names of all quotas that the request exceeded.
    pub fn exceeded(&self) -> impl Iterator<Item = &str> {
        [&self.quota]
            .into_iter()
            .chain(&self.others)
            .map(|name| &**name)
    }

    /// Sets the key of the limit, as the store's hash.
    #[must_use]
    pub const fn with_key(mut self, key: KeyHash) -> Self {
        self.key = Some(key);
        self
    }

    /// Sets what the limit is for.
    #[must_use]
    pub fn with_scope(mut self, scope: Option<Arc<str>>) -> Self {
        self.scope = scope;
        self
    }
}

/// The time limit that was exceeded: an upstream's, the client's own, or that of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeoutFacts {
    /// Which phase ran out of time.
    pub phase: Phase,
    /// The time that was allowed.
    pub limit: Duration,
    /// The time that had passed.
    pub elapsed: Duration,
    /// The operation of the upstream, such as `library_search`.
    pub operation: Option<&'static str>,
    /// The name of the upstream, such as `plex`.
    pub upstream: Option<&'static str>,
}

impl TimeoutFacts {
    /// The facts of a timeout.
    #[must_use]
    pub const fn new(phase: Phase, limit: Duration, elapsed: Duration) -> Self {
        Self {
            phase,
            limit,
            elapsed,
            operation: None,
            upstream: None,
        }
    }

    /// Sets the operation of the upstream.
    #[must_use]
    pub const fn with_operation(mut self, operation: &'static str) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Sets the name of the upstream.
    #[must_use]
    pub const fn with_upstream(mut self, upstream: &'static str) -> Self {
        self.upstream = Some(upstream);
        self
    }
}

/// What a time limit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Until the service was ready to take the request: the time in a queue of this process.
    Queue,
    /// Between two frames of the request's body, or until its end.
    RequestBody,
    /// Until the head of the response.
    ResponseHead,
    /// Between two frames of the response's body.
    BodyIdle,
    /// Until the end of the response's body.
    Total,
    /// Until the deadline that the caller has set.
    Deadline,
}

impl Phase {
    /// The name in lower snake case, such as `response_head`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::RequestBody => "request_body",
            Self::ResponseHead => "response_head",
            Self::BodyIdle => "body_idle",
            Self::Total => "total",
            Self::Deadline => "deadline",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The versions that a client's own was compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionFacts {
    message: Message,
    /// The oldest version that the service supports.
    pub minimum: Arc<str>,
    /// The newest version that the service supports, if the client's is newer still.
    pub maximum: Option<Arc<str>>,
    /// The server's own version.
    pub server: Option<Arc<str>>,
    /// Where the client can get an update.
    pub update_url: Option<Arc<str>>,
}

impl VersionFacts {
    /// The maximum number of bytes of a client's version. No client has reason to send more.
    pub const MAX_CLIENT: usize = Message::MAX_SUBJECT;

    /// The facts of a rejection. The client's version is truncated to [`MAX_CLIENT`](Self::MAX_CLIENT) bytes.
    #[must_use]
    pub fn new(client: &str, minimum: Arc<str>) -> Self {
        Self {
            message: Message::new("Client version ", client, " is no longer supported"),
            minimum,
            maximum: None,
            server: None,
            update_url: None,
        }
    }

    /// Sets the newest version, and so marks the client as too new rather than too old.
    #[must_use]
    pub fn with_maximum(mut self, maximum: Arc<str>) -> Self {
        let client = self.message.subject();
        self.message = Message::new("Client version ", client, " is not supported yet");
        self.maximum = Some(maximum);
        self
    }

    /// Sets the server's own version.
    #[must_use]
    pub fn with_server(mut self, server: Option<Arc<str>>) -> Self {
        self.server = server;
        self
    }

    /// Sets where the client can get an update.
    #[must_use]
    pub fn with_update_url(mut self, update_url: Option<Arc<str>>) -> Self {
        self.update_url = update_url;
        self
    }

    /// The client's version, in the client's notation.
    #[must_use]
    pub fn client(&self) -> &str {
        self.message.subject()
    }

    /// What is wrong, in a sentence. It is the message of a problem that has none of its own.
    #[must_use]
    pub fn message(&self) -> &str {
        self.message.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_a_line_of_names_and_values() {
        let window = Duration::from_secs(60);
        let limit = RateLimitFacts::new("minute".into(), 10, window, 11);
        let limit = limit.with_scope(Some("user".into()));
        let timeout = TimeoutFacts::new(Phase::ResponseHead, window, Duration::from_millis(60_500));
        let version = VersionFacts::new("1.0\n", "1.2".into());

        for (facts, line) in [
            (
                Facts::RateLimit(limit.clone()),
                r#"quota="minute", limit=10, window=60s, used=11, scope="user""#,
            ),
            (
                Facts::RateLimit(limit.with_others(vec!["hour".into()]).with_scope(None)),
                r#"quota="minute", limit=10, window=60s, used=11, others=["hour"]"#,
            ),
            (
                Facts::Timeout(timeout.with_upstream("db")),
                r#"phase=response_head, limit=60s, elapsed=60.5s, upstream="db""#,
            ),
            (Facts::Version(version), r#"client="1.0\n", minimum="1.2""#),
        ] {
            assert_eq!(facts.to_string(), line);
        }
    }

    #[test]
    fn one_text_is_the_version_and_the_message() {
        let facts = VersionFacts::new("a.0.9-1", "a.1.0-1".into());

        assert_eq!(facts.client(), "a.0.9-1");
        assert_eq!(
            facts.message(),
            "Client version a.0.9-1 is no longer supported"
        );
        let facts = facts.with_maximum("a.0.8-1".into());
        assert_eq!(facts.client(), "a.0.9-1");
        assert_eq!(
            facts.message(),
            "Client version a.0.9-1 is not supported yet"
        );
    }
}
