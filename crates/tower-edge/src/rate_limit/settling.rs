use http::HeaderMap;
use http::Response;
use http::StatusCode;
use tower_edge_core::rate_limit::Check;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Settlement;
use tower_edge_core::rate_limit::Store;

use super::admission::Admission;
use super::asked::Asked;

/// An answer that waits until what it is not charged for is given back.
#[derive(Debug)]
pub(super) struct Settling<St, O> {
    admission: Admission<St>,
    given_back: Asked,
    output: O,
}

/// An answer, and whether it has to wait.
pub(super) enum Answered<St, O, C> {
    Done(O),
    Settling(C, Box<Settling<St, O>>),
}

impl<St: Store> Admission<St> {
    /// Settles what depends on the answer, and tells in its fields where the client stands.
    pub(super) fn answered<B, E>(
        mut self,
        output: Result<Response<B>, E>,
    ) -> Answered<St, Result<Response<B>, E>, St::Future> {
        let given_back = match &self.receipt {
            None => Asked::new(),
            Some(receipt) => match &output {
                Ok(response) => receipt.not_for(response.status(), response.headers()),
                Err(_) => receipt.not_for(StatusCode::INTERNAL_SERVER_ERROR, &HeaderMap::new()),
            },
        };
        let Some(receipt) = self.receipt.as_ref().filter(|_| !given_back.is_empty()) else {
            return Answered::Done(self.told(output));
        };
        let charged_at = receipt.charged_at;
        match receipt.settle(&given_back, Settlement::Refund { charged_at }) {
            Check::Now(decision) => {
                self.follow(&given_back, decision);
                Answered::Done(self.told(output))
            }
            Check::Later(check) => {
                let settling = Settling {
                    admission: self,
                    given_back,
                    output,
                };
                Answered::Settling(check, Box::new(settling))
            }
        }
    }

    /// An answer stands, whether the store has given back what it was told to or not.
    fn follow(&mut self, given_back: &Asked, decision: Result<Decision, St::Error>) {
        if let Ok(decision) = decision {
            self.with(|outcome| outcome.follow(given_back, &decision));
        }
    }

    fn told<B, E>(&mut self, mut output: Result<Response<B>, E>) -> Result<Response<B>, E> {
        if let Ok(response) = &mut output {
            self.with(|outcome| outcome.tell(response));
        }
        output
    }
}

impl<St: Store, B, E> Settling<St, Result<Response<B>, E>> {
    pub(super) fn settled(
        mut self,
        decision: Result<Decision, St::Error>,
    ) -> Result<Response<B>, E> {
        self.admission.follow(&self.given_back, decision);
        self.admission.told(self.output)
    }
}
