use std::sync::Arc;

use redis::aio::ConnectionLike;
use redis::{ErrorKind, RedisError, ServerErrorKind};
use tower_edge_core::rate_limit::{Operation, QuotaRequest, Store};

use crate::RedisStoreError;
use crate::client::{Batch, Replies, ScriptReply};
use crate::inner::{Inner, in_time};
use crate::sync::{Ordering, spawn};

impl<C, F> Inner<C, F>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
    F: Store,
{
    /// One call of the script, and in a cluster one for each slot.
    pub(crate) async fn call(self: &Arc<Self>, batch: &Batch) -> Result<Replies, RedisStoreError> {
        let requests = &batch.requests;
        let is_one_slot = requests.iter().all(|other| other.key == requests[0].key);
        if is_one_slot || !self.is_cluster.load(Ordering::Relaxed) {
            match self.client.call(&self.config, batch).await {
                Err(RedisStoreError::Redis(error)) if !is_one_slot && is_cross_slot(&error) => {
                    self.is_cluster.store(true, Ordering::Relaxed);
                }
                result => return result,
            }
        }
        // The task continues if the client leaves, so that no request stays charged by half.
        let (inner, batch) = (self.clone(), batch.clone());
        let called = spawn(async move { inner.call_each_slot(&batch).await });
        // The runtime ends.
        called.await.unwrap_or(Err(RedisStoreError::Reply))
    }

    /// One call for the keys of each slot, one after the other. If one rejects or fails, the charges of the others are
    /// given back.
    async fn call_each_slot(&self, batch: &Batch) -> Result<Replies, RedisStoreError> {
        let requests = &batch.requests;
        let mut replies: Vec<Option<ScriptReply>> = vec![None; requests.len()];
        let mut charged: Vec<(usize, QuotaRequest)> = Vec::new();
        let (mut now, mut is_rejected, mut failure) = (None, false, None);
        for (first, request) in requests.iter().enumerate() {
            if replies[first].is_some() {
                continue;
            }
            let indexes = (first..requests.len()).filter(|at| requests[*at].key == request.key);
            let indexes: Vec<usize> = indexes.collect();
            // After a rejection nothing more is charged: the other accounts are only peeked at.
            let operation = match batch.operation {
                Operation::TryAcquire if is_rejected => Operation::Peek,
                operation => operation,
            };
            let called = match self.call_slot(&batch.part(&indexes, operation)).await {
                Ok(called) => called,
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            };
            // All receipts carry one time: the latest, since a node that is called later may be in another period.
            now = now.max(Some(called.now));
            for (at, reply) in indexes.into_iter().zip(called.replies) {
                is_rejected |= requests[at].enforced && !reply.state.is_allowed();
                charged.extend(reply.refund(&requests[at]).map(|refund| (at, refund)));
                replies[at] = Some(reply);
            }
        }
        if failure.is_some() || is_rejected {
            for slot in charged.chunk_by(|(_, one), (_, other)| one.key == other.key) {
                let refunds = slot.iter().map(|(_, refund)| refund.clone()).collect();
                let refund = Batch::new(Operation::Refund, refunds);
                // The states are those of the accounts afterwards.
                if let Ok(called) = self.call_slot(&refund).await {
                    for ((at, _), reply) in slot.iter().zip(called.replies) {
                        let (request, account) = (&requests[*at], reply.account);
                        let reply = ScriptReply::new(request, called.now, account, 0, false);
                        replies[*at] = Some(reply);
                    }
                }
            }
        }
        match (failure, now, replies.into_iter().collect()) {
            (Some(error), ..) => Err(error),
            (None, Some(now), Some(replies)) => Ok(Replies { now, replies }),
            _ => Err(RedisStoreError::Reply),
        }
    }

    async fn call_slot(&self, batch: &Batch) -> Result<Replies, RedisStoreError> {
        in_time(self.config.timeout, self.client.call(&self.config, batch)).await
    }
}

fn is_cross_slot(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::CrossSlot)
}
