use std::mem;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;

use http::Request;
use http::Response;
use tower_edge_core::Head;
use tower_edge_core::rate_limit::Check;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Store;
use tower_service::Service;

use super::ResponseFuture;
use super::future::Verdict;
use super::rules::Demands;
use super::rules::RuleNumbers;
use super::rules::Rules;

/// Limits how much each client may do; see the [module docs](super) for an example.
///
/// It asks for an inner service that can be cloned, which only a store that answers
/// [later](Check::Later) makes use of: the service that was readied then waits in the future.
#[derive(Clone, Debug)]
pub struct RateLimit<S, St> {
    inner: S,
    rules: Arc<Rules>,
    store: St,
}

impl<S, St> RateLimit<S, St> {
    pub(super) const fn new(inner: S, rules: Arc<Rules>, store: St) -> Self {
        Self {
            inner,
            rules,
            store,
        }
    }
}

impl<S, St, ReqBody, ResBody> Service<Request<ReqBody>> for RateLimit<S, St>
where
    S: Clone + Service<Request<ReqBody>, Response = Response<ResBody>>,
    St: Store,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S, ReqBody, S::Future, St::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let Some((answer, numbers)) = self.check(Head::from(&request)) else {
            return ResponseFuture::unlimited(self.inner.call(request));
        };
        match answer {
            Check::Now(decision) => match Verdict::of(decision, &numbers, &self.rules) {
                Verdict::Admitted(standing) => {
                    ResponseFuture::admitted(self.inner.call(request), standing)
                }
                Verdict::Refused(problem, standing) => ResponseFuture::refused(problem, standing),
            },
            Check::Later(check) => {
                let next = self.inner.clone();
                let readied = mem::replace(&mut self.inner, next);
                ResponseFuture::checking(check, readied, request, numbers, self.rules.clone())
            }
        }
    }
}

type Answer<St> = Check<<St as Store>::Future, Result<Decision, <St as Store>::Error>>;

impl<S, St: Store> RateLimit<S, St> {
    /// The store's answer, and the rules that it is about; `None` for a request that no rule is for.
    fn check(&self, head: Head<'_>) -> Option<(Answer<St>, RuleNumbers)> {
        let Demands { demands, rules } = self.rules.demands(head);
        (!demands.is_empty()).then(|| (self.store.check(&demands), rules))
    }
}

#[cfg(test)]
mod tests;
