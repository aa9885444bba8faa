use std::sync::Arc;

use redis::aio::ConnectionLike;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Demand;
use tower_edge_core::rate_limit::Store;

use crate::RedisStoreError;
use crate::counters::Count;
use crate::deny_cache::DenyCache;
use crate::request::Asked;
use crate::request::Deed;
use crate::server::Server;
use crate::settings::Settings;
use crate::without_server;
use crate::without_server::ChargedBy;

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
        let demands: Vec<Demand<'_>> = self.asked.iter().map(Asked::demand).collect();
        if matches!(self.deed, Deed::Refund { .. }) {
            demands
                .iter()
                .for_each(|demand| self.deny_cache.forget(demand));
        }
        let decided = match self.deed {
            Deed::Refund { charged_at } if ChargedBy::at(charged_at) != ChargedBy::Server => {
                Err(RedisStoreError::Paused)
            }
            _ => {
                let (settings, server) = (&self.settings, &self.server);
                server
                    .ask(&self.connection, settings, &self.asked, self.deed)
                    .await
            }
        };
        let error = match decided {
            Ok(decided) => {
                let standings = decided.answers.iter().map(|answer| answer.standing);
                let decision = Decision::new(decided.now, &demands, standings);
                if self.deed == Deed::Check {
                    self.deny_cache.remember(&demands, &decision);
                }
                return Ok(decision);
            }
            Err(error) => error,
        };
        let decided = without_server::decide(
            &self.fallback,
            &self.settings,
            &self.asked,
            self.deed,
            error,
        );
        let decision = decided.await?;
        self.server.counts.add(Count::Fallback);
        Ok(decision)
    }
}
