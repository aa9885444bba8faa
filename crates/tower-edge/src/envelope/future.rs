use std::convert::Infallible;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use http::Response;
use http::response::Parts;
use pin_project_lite::pin_project;
use tower_edge_core::BoxError;
use tower_edge_core::Format;
use tower_edge_core::Problem;
use tower_edge_core::ResponseBody;

use super::PollIds;
use super::classify::problem_by;
use super::render::Inspected;
use super::render::Renderer;
use super::service::panicked;
use super::settings::Settings;

pin_project! {
    /// The future of [`Envelope`](super::Envelope).
    pub struct ResponseFuture<F, Fmt, I> {
        #[pin]
        ids: I,
        renderer: Renderer<Fmt>,
        settings: Settings,
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Inner {
            #[pin]
            future: F,
        },
        // The problem is in the extensions of the parts.
        Problem {
            parts: Option<Parts>,
        },
    }
}

impl<F, Fmt, I> ResponseFuture<F, Fmt, I> {
    pub(super) const fn inner(
        future: F,
        renderer: Renderer<Fmt>,
        ids: I,
        settings: Settings,
    ) -> Self {
        Self {
            ids,
            renderer,
            settings,
            state: State::Inner { future },
        }
    }

    pub(super) fn problem(
        problem: Problem,
        renderer: Renderer<Fmt>,
        ids: I,
        settings: Settings,
    ) -> Self {
        Self {
            ids,
            renderer,
            settings,
            state: State::Problem {
                parts: Some(parts_of(problem)),
            },
        }
    }
}

impl<F, Fmt, I, B, E> Future for ResponseFuture<F, Fmt, I>
where
    F: Future<Output = Result<Response<B>, E>>,
    Fmt: Format,
    I: PollIds,
    E: Into<BoxError>,
{
    type Output = Result<Response<ResponseBody<B>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let StateProj::Inner { future } = this.state.as_mut().project() {
            let parts = match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
                Ok(polled) => match ready!(polled) {
                    Ok(response) => match this.renderer.inspect(response) {
                        Inspected::HandedOn(response) => return Poll::Ready(Ok(response)),
                        Inspected::Problem(parts) => parts,
                    },
                    Err(error) => parts_of(problem_by(error.into(), this.settings.classify)),
                },
                Err(payload) => parts_of(panicked(&*payload)),
            };
            this.state.set(State::Problem { parts: Some(parts) });
        }
        let ids = if this.renderer.wants_rpc_ids() {
            ready!(this.ids.poll_ids(cx))
        } else {
            None
        };
        match this.state.project() {
            StateProj::Problem { parts } => match parts.take() {
                Some(parts) => Poll::Ready(Ok(this.renderer.render(parts, ids.as_ref()))),
                None => Poll::Pending,
            },
            // Left above.
            StateProj::Inner { .. } => Poll::Pending,
        }
    }
}

impl<F, Fmt, I> fmt::Debug for ResponseFuture<F, Fmt, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

#[cold]
fn parts_of(problem: Problem) -> Parts {
    problem.into_response::<()>().into_parts().0
}
