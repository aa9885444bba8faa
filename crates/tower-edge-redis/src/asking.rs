use std::sync::Arc;

use redis::aio::ConnectionLike;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Demand;
use tower_edge_core::rate_limit::Store;

use crate::RedisStoreError;
use crate::charged_by::ChargedBy;
use crate::counters::Count;
use crate::deny_cache::DenyCache;
use crate::request::Asked;
use crate::request::Deed;
use crate::server::Server;
use crate::settings::Settings;
use crate::without_server;

/// One question, with all that it takes to answer it.
#[derive(Debug)]
pub(crate) struct Asking<C, F> {
    pub(crate) asked: Vec<Asked>,
    pub(crate) connection: C,
    pub(crate) deed: Deed,
    pub(crate) deny_cache: Arc<DenyCache>,
    pub(crate) fallback: F,
    pub(crate) server: Arc<Server>,
    pub(crate) settings: Arc<Settings>,
}

impl<C: ConnectionLike + Clone, F: Store> Asking<C, F> {
    pub(crate) async fn decide(self) -> Result<Decision, RedisStoreError> {
        match self.ask_server().await {
            Ok(decision) => Ok(decision),
            Err(error) => {
                let (settings, asked) = (&self.settings, &self.asked);
                let decided =
                    without_server::decide(&self.fallback, settings, asked, self.deed, error);
                let decision = decided.await?;
                self.server.counts.add(Count::Fallback);
                Ok(decision)
            }
        }
    }

    async fn ask_server(&self) -> Result<Decision, RedisStoreError> {
        if self.deed.gives_back_for() == Some(ChargedBy::Fallback) {
            return Err(RedisStoreError::Paused);
        }
        let (settings, server) = (&self.settings, &self.server);
        let decided = server
            .ask(&self.connection, settings, &self.asked, self.deed)
            .await;
        let demands: Vec<Demand<'_>> = self.asked.iter().map(Asked::demand).collect();
        if self.deed != Deed::Check {
            self.deny_cache.forget(&demands);
        }
        let decided = decided?;
        let standings = decided.answers.iter().map(|answer| answer.standing);
        let decision = Decision::new(decided.now, &demands, standings);
        if self.deed == Deed::Check {
            self.learn(&demands, &decision);
        }
        Ok(decision)
    }

    /// What has become of the accounts is no longer what was told of them.
    fn learn(&self, demands: &[Demand<'_>], decision: &Decision) {
        if decision.is_allowed() {
            self.deny_cache.forget(demands);
        } else {
            let now = self.settings.now();
            self.deny_cache.remember(demands, decision, now);
        }
    }
}
