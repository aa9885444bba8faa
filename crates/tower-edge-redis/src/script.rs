use redis::aio::ConnectionLike;
use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::call::Call;

/// The scripts that decide.
#[derive(Clone, Debug)]
pub(crate) struct Scripts {
    /// The question that is asked most, and quickly answered.
    check_gcra: Script,
    /// All questions.
    decide: Script,
}

/// A script, under the name that a server keeps it by.
#[derive(Clone, Debug)]
struct Script {
    hash: Box<str>,
    text: &'static str,
}

impl Scripts {
    pub(crate) fn new() -> Self {
        Self {
            check_gcra: Script::new(include_str!("check_gcra.lua")),
            decide: Script::new(include_str!("decide.lua")),
        }
    }

    /// Asks in one round trip; in two when the server does not know the script yet, or has lost it.
    pub(crate) async fn call<C: ConnectionLike>(
        &self,
        connection: &mut C,
        call: &Call<'_>,
    ) -> Result<Vec<i64>, RedisError> {
        let script = match call.is_check_of_gcra() {
            true => &self.check_gcra,
            false => &self.decide,
        };
        match call
            .command("EVALSHA", &script.hash)
            .query_async(connection)
            .await
        {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                call.command("EVAL", script.text)
                    .query_async(connection)
                    .await
            }
            result => result,
        }
    }
}

impl Script {
    fn new(text: &'static str) -> Self {
        Self {
            hash: redis::Script::new(text).get_hash().into(),
            text,
        }
    }
}
