use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use bytes::Bytes;
use http::HeaderMap;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use pin_project_lite::pin_project;

use crate::BodyFailure;
use crate::BoxError;
use crate::GrpcCode;
use crate::number;

pin_project! {
    /// The body of a response that has passed an envelope: the inner service's own, or a rendered
    /// problem. Neither is boxed.
    ///
    /// It forwards `size_hint` and `is_end_stream` exactly. A panic in the inner body becomes
    /// [`BodyFailure::Panicked`]; a failure of that type ends a gRPC response with trailers and
    /// aborts any other, so that no client takes a truncated body for a whole one.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        state: State<B>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<B> {
        Inner {
            #[pin]
            body: B,
            grpc: bool,
        },
        Own {
            bytes: Option<Bytes>,
        },
    }
}

impl<B> ResponseBody<B> {
    /// No body at all.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            state: State::Own { bytes: None },
        }
    }

    /// A body that is known whole.
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
            state: State::Inner { body, grpc: false },
        }
    }

    /// The body of an inner gRPC service: a failure of ours ends it with trailers.
    #[must_use]
    pub const fn inner_grpc(body: B) -> Self {
        Self {
            state: State::Inner { body, grpc: true },
        }
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
        let (failure, grpc) = match self.as_mut().project().state.project() {
            StateProj::Own { bytes } => {
                return Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes))));
            }
            StateProj::Inner { body, grpc } => {
                let failure = match catch_unwind(AssertUnwindSafe(|| body.poll_frame(cx))) {
                    Ok(polled) => match ready!(polled) {
                        None => return Poll::Ready(None),
                        Some(Ok(frame)) => return Poll::Ready(Some(Ok(frame))),
                        Some(Err(error)) => error.into(),
                    },
                    Err(_) => BodyFailure::Panicked.into(),
                };
                (failure, *grpc)
            }
        };
        // A body that has failed is not polled again.
        self.project().state.set(State::Own { bytes: None });
        Poll::Ready(Some(match failure.downcast_ref() {
            Some(failure) if grpc => Ok(Frame::trailers(trailers(failure))),
            _ => Err(failure),
        }))
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

/// A status after messages travels in
/// [trailers](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses).
fn trailers(failure: &BodyFailure) -> HeaderMap {
    let code = match failure {
        BodyFailure::Idle(_) | BodyFailure::Total(_) => GrpcCode::DeadlineExceeded,
        BodyFailure::Panicked => GrpcCode::Internal,
    };
    let mut trailers = HeaderMap::with_capacity(1);
    trailers.insert("grpc-status", number::header_value(code.number().into()));
    trailers
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use http_body_util::Full;
    use tokio_test::block_on;

    use super::*;

    /// Gives one frame, then fails in the way it is told.
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
                None => Poll::Ready(Some(Err(BodyFailure::Idle(
                    std::time::Duration::from_secs(1),
                )
                .into()))),
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
    fn a_panic_aborts_without_its_text() {
        let error = second_frame(ResponseBody::inner(Failing::new(true))).unwrap_err();

        assert_eq!(error.to_string(), "the body panicked");
    }

    // gRPC over HTTP/2: a status after messages travels in trailers.
    #[test]
    fn a_grpc_body_that_fails_ends_with_trailers() {
        for (panics, status) in [(true, "13"), (false, "4")] {
            let frame = second_frame(ResponseBody::inner_grpc(Failing::new(panics))).unwrap();

            assert_eq!(frame.into_trailers().unwrap()["grpc-status"], status);
        }
    }
}
