use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use http::Request;
use http::Response;
use pin_project_lite::pin_project;
use tower_edge_core::BoxError;
use tower_edge_core::Kind;
use tower_edge_core::Problem;
use tower_edge_core::rate_limit::Decision;
use tower_service::Service;

use super::rules::RuleNumbers;
use super::rules::Rules;

pin_project! {
    /// The future of [`RateLimit`](super::RateLimit).
    pub struct ResponseFuture<S, ReqBody, F, C> {
        #[pin]
        state: State<S, ReqBody, F, C>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, ReqBody, F, C> {
        Checking {
            #[pin]
            check: C,
            // In a box, since the round trip of a store that answers later dwarfs it, while in here
            // it would make every future larger.
            call: Option<Box<(S, Request<ReqBody>)>>,
            numbers: RuleNumbers,
            rules: Arc<Rules>,
        },
        Admitted {
            #[pin]
            future: F,
            standing: Option<Standing>,
        },
        Refused {
            problem: Option<Problem>,
            standing: Option<Standing>,
        },
    }
}

impl<S, ReqBody, F, C> ResponseFuture<S, ReqBody, F, C> {
    pub(super) const fn admitted(future: F, standing: Standing) -> Self {
        Self {
            state: State::Admitted {
                future,
                standing: Some(standing),
            },
        }
    }

    pub(super) fn checking(
        check: C,
        readied: S,
        request: Request<ReqBody>,
        numbers: RuleNumbers,
        rules: Arc<Rules>,
    ) -> Self {
        Self {
            state: State::Checking {
                check,
                call: Some(Box::new((readied, request))),
                numbers,
                rules,
            },
        }
    }

    pub(super) const fn refused(problem: Problem, standing: Option<Standing>) -> Self {
        Self {
            state: State::Refused {
                problem: Some(problem),
                standing,
            },
        }
    }

    pub(super) const fn unlimited(future: F) -> Self {
        Self {
            state: State::Admitted {
                future,
                standing: None,
            },
        }
    }
}

impl<S, ReqBody, ResBody, C, E> Future for ResponseFuture<S, ReqBody, S::Future, C>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    C: Future<Output = Result<Decision, E>>,
    E: Into<BoxError>,
    ResBody: Default,
{
    type Output = Result<Response<ResBody>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProj::Checking {
                    check,
                    call,
                    numbers,
                    rules,
                } => {
                    let verdict = Verdict::of(ready!(check.poll(cx)), numbers, rules);
                    match (verdict, call.take()) {
                        (Verdict::Admitted(standing), Some(call)) => {
                            let (mut readied, request) = *call;
                            State::Admitted {
                                future: readied.call(request),
                                standing: Some(standing),
                            }
                        }
                        (Verdict::Refused(problem, standing), _) => State::Refused {
                            problem: Some(problem),
                            standing,
                        },
                        // The state is left as soon as the call is taken.
                        (Verdict::Admitted(_), None) => return Poll::Pending,
                    }
                }
                StateProj::Admitted { future, standing } => {
                    let mut response = ready!(future.poll(cx))?;
                    if let Some(Standing {
                        decision,
                        rule,
                        rules,
                    }) = standing
                    {
                        let status = response.status();
                        rules.tell_further(*rule, decision, status, response.headers_mut());
                    }
                    return Poll::Ready(Ok(response));
                }
                StateProj::Refused { problem, standing } => {
                    let Some(problem) = problem.take() else {
                        return Poll::Pending;
                    };
                    let mut response = problem.into_response();
                    if let Some(Standing {
                        decision,
                        rule,
                        rules,
                    }) = standing
                    {
                        rules.tell(*rule, decision, response.headers_mut());
                    }
                    return Poll::Ready(Ok(response));
                }
            };
            state.set(next);
        }
    }
}

impl<S, ReqBody, F, C> fmt::Debug for ResponseFuture<S, ReqBody, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Checking { .. } => "Checking",
            State::Admitted { .. } => "Admitted",
            State::Refused { .. } => "Refused",
        };
        f.debug_tuple("ResponseFuture")
            .field(&format_args!("{state}"))
            .finish()
    }
}

/// Where a client stands under one rule.
pub(super) struct Standing {
    decision: Decision,
    rule: usize,
    rules: Arc<Rules>,
}

/// What a decision means for the request.
pub(super) enum Verdict {
    Admitted(Standing),
    Refused(Problem, Option<Standing>),
}

impl Verdict {
    pub(super) fn of<E: Into<BoxError>>(
        decision: Result<Decision, E>,
        numbers: &RuleNumbers,
        rules: &Arc<Rules>,
    ) -> Self {
        match decision {
            Ok(decision) => {
                let rule = numbers.get(decision.demand()).copied().unwrap_or_default();
                let standing = Standing {
                    decision,
                    rule,
                    rules: rules.clone(),
                };
                if decision.is_allowed() {
                    Self::Admitted(standing)
                } else {
                    Self::Refused(rules.refusal(rule, &decision), Some(standing))
                }
            }
            Err(error) => Self::Refused(Problem::new(Kind::Unavailable).with_source(error), None),
        }
    }
}
