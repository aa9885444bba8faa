use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::{BodyErrorHandler, BoxError, Panicked, contain_panic};

/// A body type that can be empty: any with a [`Default`]. Layers reject requests with an empty body.
#[diagnostic::on_unimplemented(
    message = "a layer cannot reject a request with an empty `{Self}`",
    label = "the body of the inner service has no `Default`",
    note = "inside of the layer, add `.map_response(|response: Response<_>| response.map(ResponseBody::inner))`"
)]
pub trait EmptyBody: Default {}

#[diagnostic::do_not_recommend]
impl<B: Default> EmptyBody for B {}

pin_project! {
    /// The body of a response that has passed an envelope: the inner service's own, or a rendered problem. Neither is
    /// boxed.
    ///
    /// It forwards `size_hint` and `is_end_stream` exactly. An inner body that fails or panics is not polled
    /// again. The server aborts the response, unless the envelope has a better way to mark it as incomplete, such as
    /// the trailers of gRPC. A panic while an inner body is dropped is stopped here,
    /// since it would close the connection with every request on it.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        state: State<B>,
    }

    impl<B> PinnedDrop for ResponseBody<B> {
        fn drop(this: Pin<&mut Self>) {
            this.finish();
        }
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<B> {
        Inner {
            #[pin]
            body: B,
            on_error: BodyErrorHandler,
        },
        Own {
            bytes: Option<Bytes>,
        },
    }
}

impl<B> ResponseBody<B> {
    /// An empty body.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            state: State::Own { bytes: None },
        }
    }

    /// A body of these bytes.
    #[must_use]
    pub fn full(bytes: Bytes) -> Self {
        Self {
            state: State::Own {
                bytes: (!bytes.is_empty()).then_some(bytes),
            },
        }
    }

    /// The body of the inner service.
    #[must_use]
    pub const fn inner(body: B) -> Self {
        Self {
            state: State::Inner {
                body,
                on_error: BodyErrorHandler::Abort,
            },
        }
    }

    /// The body of the inner service, with a handler for its error.
    #[doc(hidden)]
    #[must_use]
    pub const fn inner_with_handler(body: B, on_error: BodyErrorHandler) -> Self {
        Self {
            state: State::Inner { body, on_error },
        }
    }

    /// Drops the inner body and, separately, the handler of its error. The new state is set even if either of them
    /// panics, or both.
    fn finish(self: Pin<&mut Self>) {
        let mut state = self.project().state;
        match state.as_mut().project() {
            StateProj::Own { bytes } => return contain_panic(|| drop(bytes.take())),
            StateProj::Inner { on_error, .. } => {
                if let BodyErrorHandler::Boxed(handler) = mem::take(on_error) {
                    contain_panic(|| handler.discard());
                }
            }
        }
        contain_panic(|| state.set(State::Own { bytes: None }));
    }
}

impl<B> Default for ResponseBody<B> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<B> Body for ResponseBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let (error, on_error) = match self.as_mut().project().state.project() {
            StateProj::Own { bytes } => {
                return Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes))));
            }
            StateProj::Inner { body, on_error } => {
                let error = match catch_unwind(AssertUnwindSafe(|| body.poll_frame(cx))) {
                    Ok(polled) => match ready!(polled) {
                        None => return Poll::Ready(None),
                        Some(Ok(frame)) => {
                            on_error.observe(&frame);
                            return Poll::Ready(Some(Ok(frame)));
                        }
                        Some(Err(error)) => error.into(),
                    },
                    Err(payload) => Panicked::consume(payload).into(),
                };
                (error, mem::take(on_error))
            }
        };
        // A body that has failed is not polled again.
        self.finish();
        Poll::Ready(Some(on_error.handle(error)))
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            State::Inner { body, .. } => body.is_end_stream(),
            State::Own { bytes } => bytes.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.state {
            State::Inner { body, .. } => body.size_hint(),
            State::Own { bytes } => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Full};
    use static_assertions::assert_eq_size;
    use tokio_test::block_on;

    use super::*;
    use crate::HandleBodyError;

    // Every successful response moves this through every layer.
    assert_eq_size!(ResponseBody<Full<Bytes>>, [usize; 7]);

    /// Returns one frame, then fails or panics.
    struct Failing {
        first: Option<Bytes>,
        panics: bool,
    }

    impl Failing {
        fn new(panics: bool) -> Self {
            Self {
                first: Some(Bytes::from_static(b"a")),
                panics,
            }
        }
    }

    impl Body for Failing {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            match self.first.take() {
                Some(first) => Poll::Ready(Some(Ok(Frame::data(first)))),
                None if self.panics => panic!("secret"),
                None => Poll::Ready(Some(Err("broken".into()))),
            }
        }
    }

    fn second_frame(body: ResponseBody<Failing>) -> Result<Frame<Bytes>, BoxError> {
        let mut body = std::pin::pin!(body);
        block_on(body.frame()).unwrap().unwrap();
        let second = block_on(body.frame()).unwrap();

        assert!(block_on(body.frame()).is_none(), "a failed body is over");
        second
    }

    #[test]
    fn forwards_size_and_end() {
        let inner = ResponseBody::inner(Full::new(Bytes::from_static(b"hello")));
        let ended = ResponseBody::inner(Full::new(Bytes::new()));

        assert_eq!(inner.size_hint().exact(), Some(5));
        assert!(!inner.is_end_stream());
        assert!(ended.is_end_stream());
    }

    #[test]
    fn an_empty_body_is_over_before_it_begins() {
        for body in [
            ResponseBody::<Full<Bytes>>::default(),
            ResponseBody::full(Bytes::new()),
        ] {
            assert!(body.is_end_stream());
            assert_eq!(body.size_hint().exact(), Some(0));
        }
    }

    #[test]
    fn a_panic_aborts() {
        let error = second_frame(ResponseBody::inner(Failing::new(true))).unwrap_err();

        assert_eq!(
            *error.downcast::<Panicked>().unwrap(),
            Panicked::new(&"secret")
        );
    }

    /// Fails, and panics when it is dropped. So does its panic payload.
    struct Bomb;

    struct Thrown;

    impl Drop for Thrown {
        fn drop(&mut self) {
            panic!("secret");
        }
    }

    impl Body for Bomb {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            Poll::Ready(Some(Err("broken".into())))
        }
    }

    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::panic_any(Thrown);
        }
    }

    impl HandleBodyError for Bomb {
        fn handle(self: Box<Self>, error: BoxError) -> Result<Frame<Bytes>, BoxError> {
            mem::forget(self);
            Err(error)
        }
    }

    #[test]
    fn a_panic_as_a_body_is_dropped_stays_inside() {
        drop(ResponseBody::inner(Bomb));
        let mut failed = Box::pin(ResponseBody::inner(Bomb));
        let error = block_on(failed.frame()).unwrap().unwrap_err();

        assert_eq!(error.to_string(), "broken");
        assert!(block_on(failed.frame()).is_none());
    }

    #[test]
    fn a_body_that_is_dropped_while_a_panic_unwinds_does_not_abort() {
        let unwound = || -> () {
            let _midway = ResponseBody::inner(Bomb);
            panic!("the server");
        };

        let payload = catch_unwind(unwound).unwrap_err();

        assert_eq!(payload.downcast_ref(), Some(&"the server"));
    }

    #[test]
    fn what_watches_a_body_may_panic_beside_it() {
        drop(ResponseBody::inner_with_handler(
            Bomb,
            BodyErrorHandler::Boxed(Box::new(Bomb)),
        ));
    }

    #[test]
    fn what_a_body_throws_may_panic_as_it_is_dropped() {
        struct Throwing;
        impl Body for Throwing {
            type Data = Bytes;
            type Error = BoxError;

            fn poll_frame(
                self: Pin<&mut Self>,
                _: &mut Context<'_>,
            ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
                std::panic::panic_any(Bomb)
            }
        }

        let mut body = ResponseBody::inner(Throwing);
        let error = block_on(body.frame()).unwrap().unwrap_err();

        assert_eq!(error.to_string(), "the service panicked: no message");
    }

    #[test]
    fn a_body_that_fails_ends_as_its_handler_decides() {
        fn handle(error: BoxError) -> Result<Frame<Bytes>, BoxError> {
            let text = error.to_string();
            drop(error);
            Ok(Frame::data(Bytes::from(text)))
        }

        for (panics, text) in [(true, "the service panicked: secret"), (false, "broken")] {
            let on_error = BodyErrorHandler::Function(handle);
            let body = ResponseBody::inner_with_handler(Failing::new(panics), on_error);
            let frame = second_frame(body).unwrap();

            assert_eq!(frame.into_data().unwrap(), text);
        }
    }

    #[test]
    fn a_handler_observes_the_data_before_the_error() {
        struct Repeat(Bytes);
        impl HandleBodyError for Repeat {
            fn observe(&mut self, data: &Bytes) {
                self.0 = data.clone();
            }

            fn handle(self: Box<Self>, _: BoxError) -> Result<Frame<Bytes>, BoxError> {
                Ok(Frame::data(self.0))
            }
        }

        let on_error = BodyErrorHandler::Boxed(Box::new(Repeat(Bytes::new())));
        let body = ResponseBody::inner_with_handler(Failing::new(false), on_error);

        assert_eq!(second_frame(body).unwrap().into_data().unwrap(), "a");
    }
}
