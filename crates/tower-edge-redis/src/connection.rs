use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, slice};

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, Pipeline, RedisError, RedisFuture, ServerErrorKind, Value};

/// The connection of a store that [connects](crate::RedisStore::connect) by itself.
///
/// It comes back when it is lost. It is given up and made anew when the server refuses to write since it
/// is a replica: behind one address, that is the primary of before a failover.
#[derive(Clone)]
pub struct ServerConnection {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    config: ConnectionManagerConfig,
    current: Mutex<Current>,
}

#[derive(Clone)]
struct Current {
    generation: u64,
    manager: ConnectionManager,
}

impl ServerConnection {
    pub(crate) fn new(client: Client, config: ConnectionManagerConfig) -> Result<Self, RedisError> {
        let manager = connect(&client, &config)?;
        let current = Current {
            generation: 0,
            manager,
        };
        Ok(Self {
            inner: Arc::new(Inner {
                client,
                config,
                current: Mutex::new(current),
            }),
        })
    }
}

impl ConnectionLike for ServerConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let mut current = self.inner.lock().clone();
            let result = current.manager.send_packed_command(command).await;
            let replies = result.as_ref().map(slice::from_ref);
            self.inner
                .replace_if_replica(&current, replies.unwrap_or_default());
            result
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let mut current = self.inner.lock().clone();
            let sent = current
                .manager
                .send_packed_commands(commands, offset, count);
            let result = sent.await;
            self.inner
                .replace_if_replica(&current, result.as_deref().unwrap_or_default());
            result
        })
    }

    fn get_db(&self) -> i64 {
        self.inner.lock().manager.get_db()
    }
}

impl fmt::Debug for ServerConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerConnection(..)")
    }
}

impl Inner {
    /// Requests that are under way keep the connection that they have.
    fn replace_if_replica(&self, failed: &Current, replies: &[Value]) {
        if !replies.iter().any(is_of_replica) {
            return;
        }
        let mut current = self.lock();
        if current.generation != failed.generation {
            return;
        }
        if let Ok(manager) = connect(&self.client, &self.config) {
            current.manager = manager;
            current.generation += 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Requests alone would look for the server no longer than they wait for it, so that a task does.
fn connect(
    client: &Client,
    config: &ConnectionManagerConfig,
) -> Result<ConnectionManager, RedisError> {
    let manager = ConnectionManager::new_lazy_with_config(client.clone(), config.clone())?;
    let mut first = manager.clone();
    drop(tokio::spawn(async move {
        first.send_packed_command(&redis::cmd("PING")).await
    }));
    Ok(manager)
}

/// Before Redis 7 a script that fails says so within its own error.
fn is_of_replica(reply: &Value) -> bool {
    let Value::ServerError(error) = reply else {
        return false;
    };
    let is_named = |details: &str| details.contains("READONLY");
    error.kind() == Some(ServerErrorKind::ReadOnly) || error.details().is_some_and(is_named)
}

#[cfg(test)]
mod tests {
    use redis::parse_redis_value;

    use super::*;

    #[test]
    fn a_replica_is_known_by_its_refusal_to_write() {
        for (reply, expected) in [
            (
                "-READONLY You can't write against a read only replica.",
                true,
            ),
            ("-ERR Error running script: -READONLY You can't write", true),
            ("-NOAUTH Authentication required.", false),
            ("+OK", false),
        ] {
            let value = parse_redis_value(format!("{reply}\r\n").as_bytes()).unwrap();

            assert_eq!(is_of_replica(&value), expected, "{reply}");
        }
    }
}
