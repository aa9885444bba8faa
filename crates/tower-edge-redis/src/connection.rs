use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use std::{fmt, slice};

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, IntoConnectionInfo, Pipeline, RedisError,
    RedisFuture, Value,
};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// The connection of a store that [connects](crate::RedisStore::connect) by itself.
///
/// The connection is replaced when it is closed, when the server refuses requests as a replica (`READONLY`,
/// `MASTERDOWN`) or while it loads its data (`LOADING`), and when the server stops replying. Requests in flight keep
/// their connection. While there is no connection, requests fail at once with the reason.
#[derive(Clone)]
pub struct ServerConnection {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    state: watch::Sender<State>,
}

/// The connection, or why the last one was given up or the last attempt failed. `None` during the first attempt.
/// Without a connection, one task connects.
type State = Option<Result<Established, RedisError>>;

#[derive(Clone)]
struct Established {
    connection: MultiplexedConnection,
    /// The number of timeouts since the last reply.
    timeouts: Arc<AtomicU32>,
}

/// A request in flight. If it is dropped before its end, it has timed out.
struct Exchange<'a> {
    established: Established,
    inner: &'a Arc<Inner>,
    is_over: bool,
}

impl ServerConnection {
    pub(crate) fn new(server: impl IntoConnectionInfo) -> Result<Self, RedisError> {
        let runtime = Handle::try_current().map_err(|_| {
            let missing = "a connection is made in a tokio runtime, and there is none";
            RedisError::from((ErrorKind::InvalidClientConfig, missing))
        })?;
        let server = server.into_connection_info()?;
        let settings = tcp_settings(server.tcp_settings());
        let inner = Arc::new(Inner {
            client: Client::open(server.set_tcp_settings(settings))?,
            state: watch::Sender::new(None),
        });
        runtime.spawn(connect(Arc::downgrade(&inner), Duration::ZERO));
        Ok(Self { inner })
    }

    /// Sends requests over the present connection, and updates the state from their `replies`.
    async fn exchange<T>(
        &self,
        send: impl AsyncFnOnce(MultiplexedConnection) -> Result<T, RedisError>,
        replies: fn(&T) -> &[Value],
    ) -> Result<T, RedisError> {
        let mut states = self.inner.state.subscribe();
        let state = states.wait_for(Option::is_some).await;
        let state = state.ok().and_then(|state| state.clone());
        let established = state.unwrap_or_else(|| Err(io_error("there is no connection")))?;
        let connection = established.connection.clone();
        let mut exchange = Exchange {
            established,
            inner: &self.inner,
            is_over: false,
        };
        let result = send(connection).await;
        exchange.is_over = true;
        let replies = result.as_ref().map(replies);
        self.inner.learn(&exchange.established, replies);
        result
    }
}

impl ConnectionLike for ServerConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        let send = async move |mut connection: MultiplexedConnection| {
            connection.send_packed_command(command).await
        };
        Box::pin(self.exchange(send, slice::from_ref))
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        let send = async move |mut connection: MultiplexedConnection| {
            let sent = connection.send_packed_commands(commands, offset, count);
            sent.await
        };
        Box::pin(self.exchange(send, Vec::as_slice))
    }

    fn get_db(&self) -> i64 {
        let server = self.inner.client.get_connection_info();
        server.redis_settings().db()
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let timeouts = self.established.timeouts.fetch_add(1, Ordering::Relaxed) + 1;
        if timeouts.is_multiple_of(MAX_TIMEOUTS)
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(check(self.inner.clone(), self.established.clone()));
        }
    }
}

impl Inner {
    fn learn(self: &Arc<Self>, from: &Established, replies: Result<&[Value], &RedisError>) {
        match replies {
            Ok(replies) => {
                from.timeouts.store(0, Ordering::Relaxed);
                if let Some(refusal) = replies.iter().find_map(refusal) {
                    self.replace(from, Some(refusal));
                }
            }
            Err(error) if error.is_io_error() || error.is_unrecoverable_error() => {
                self.replace(from, None);
            }
            Err(_) => {}
        }
    }

    /// Reconnects, unless another task does. If the server itself refused the requests, it waits a moment, so that
    /// neither many machines connect at once nor one machine again and again.
    fn replace(self: &Arc<Self>, lost: &Established, why: Option<RedisError>) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let pause = why.as_ref().map_or(Duration::ZERO, |_| jittered(PAUSE));
        let is_replaced = self.state.send_if_modified(|state| {
            let is_lost = matches!(state, Some(Ok(established)) if Arc::ptr_eq(&established.timeouts, &lost.timeouts));
            if is_lost {
                *state = why.map(Err);
            }
            is_lost
        });
        if is_replaced {
            runtime.spawn(connect(Arc::downgrade(self), pause));
        }
    }
}

/// Tries until there is a connection, or the store is gone.
async fn connect(inner: Weak<Inner>, mut pause: Duration) {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECTION_TIMEOUT))
        // The store has a timeout of its own.
        .set_response_timeout(None);
    let mut backoff = FIRST_BACKOFF;
    loop {
        sleep(pause).await;
        let Some(inner) = inner.upgrade() else {
            return;
        };
        let client = &inner.client;
        let attempt = client.get_multiplexed_async_connection_with_config(&config);
        let established = attempt.await.map(|connection| Established {
            connection,
            timeouts: Arc::default(),
        });
        let is_done = established.is_ok();
        inner.state.send_replace(Some(established));
        if is_done {
            return;
        }
        pause = jittered(backoff);
        backoff = (2 * backoff).min(LONGEST_BACKOFF);
    }
}

/// Sends a `PING`, and replaces the connection if the server does not reply to it. A client that leaves looks like a
/// timeout too, and many of these say nothing about the server.
async fn check(inner: Arc<Inner>, mut established: Established) {
    let ping = redis::cmd("PING");
    let pong = established.connection.send_packed_command(&ping);
    match timeout(CONNECTION_TIMEOUT, pong).await {
        Ok(result) => inner.learn(&established, result.as_ref().map(slice::from_ref)),
        Err(_) => {
            let silent = io_error("the server has not replied to several requests in a row");
            inner.replace(&established, Some(silent));
        }
    }
}

/// Why this server does not serve requests now, while another one at its address may.
fn refusal(reply: &Value) -> Option<RedisError> {
    let Value::ServerError(error) = reply else {
        return None;
    };
    // Before Redis 7 a script that fails has the reason within its own error.
    let is_within = error
        .details()
        .is_some_and(|text| text.contains("READONLY"));
    let is_refusal = is_within || matches!(error.code(), "LOADING" | "MASTERDOWN" | "READONLY");
    reply.clone().extract_error().err().filter(|_| is_refusal)
}

fn io_error(text: &'static str) -> RedisError {
    RedisError::from((ErrorKind::Io, text))
}

/// Small requests are sent at once, and a lost host is noticed: with a request in flight by the user timeout, and
/// without one by the keep-alive, which also keeps the connection in the tables of load balancers.
fn tcp_settings(settings: &TcpSettings) -> TcpSettings {
    let alive = TcpKeepalive::new().with_time(KEEP_ALIVE);
    #[cfg(target_os = "linux")]
    let alive = alive.with_interval(CONNECTION_TIMEOUT);
    let settings = settings.clone().set_nodelay(true).set_keepalive(alive);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(CONNECTION_TIMEOUT);
    settings
}

/// A random time between half of the pause and all of it.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(f64::midpoint(fastrand::f64(), 1.0))
}

/// The maximum time for an attempt to connect, for a reply to a `PING`, and for an acknowledgement by the host.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(1);
/// After this many timeouts in a row, a `PING` checks whether the server replies at all.
const MAX_TIMEOUTS: u32 = 5;
/// The maximum pause before the store reconnects to a server that has refused requests or stopped replying. The minimum
/// is half of it.
const PAUSE: Duration = Duration::from_millis(500);
/// The maximum pause after the first failed attempt. It doubles with each.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_secs(1);
/// The host is probed when nothing was sent for this time.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

impl fmt::Debug for ServerConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerConnection(..)")
    }
}

#[cfg(test)]
mod tests {
    use redis::parse_redis_value;

    use super::*;

    #[test]
    fn a_server_that_another_may_stand_in_for_is_known_by_its_refusal() {
        for (reply, expected) in [
            (
                "-READONLY You can't write against a read only replica.",
                true,
            ),
            ("-ERR Error running script: -READONLY You can't write", true),
            ("-MASTERDOWN Link with MASTER is down", true),
            ("-LOADING Redis is loading the dataset in memory", true),
            ("-NOAUTH Authentication required.", false),
            ("-NOSCRIPT No matching script.", false),
            ("+OK", false),
        ] {
            let value = parse_redis_value(format!("{reply}\r\n").as_bytes()).unwrap();

            assert_eq!(refusal(&value).is_some(), expected, "{reply}");
        }
    }

    #[tokio::test]
    async fn the_database_is_that_of_the_url() {
        for (url, database) in [("redis://localhost:1", 0), ("redis://localhost:1/3", 3)] {
            assert_eq!(ServerConnection::new(url).unwrap().get_db(), database);
        }
    }

    #[test]
    fn a_pause_is_between_half_and_all_of_what_is_set() {
        let pauses: Vec<_> = (0..100).map(|_| jittered(PAUSE)).collect();

        let (least, most) = (pauses.iter().min(), pauses.iter().max());
        assert!(
            least >= Some(&(PAUSE / 2)) && most <= Some(&PAUSE),
            "{pauses:?}"
        );
        assert_ne!(least, most);
    }

    #[test]
    fn small_requests_are_sent_at_once_and_a_host_that_is_gone_is_noticed() {
        let settings = tcp_settings(&TcpSettings::default());

        assert!(settings.nodelay());
        let alive = TcpKeepalive::new().with_time(KEEP_ALIVE);
        #[cfg(target_os = "linux")]
        let alive = alive.with_interval(CONNECTION_TIMEOUT);
        let debug = format!("{:?}", settings.keepalive());
        assert_eq!(debug, format!("{:?}", Some(alive)));
        #[cfg(target_os = "linux")]
        assert_eq!(settings.user_timeout(), Some(CONNECTION_TIMEOUT));
    }
}
