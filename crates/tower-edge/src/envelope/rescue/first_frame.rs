use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::Body;
use tower_edge_core::{BoxError, Broken, contain_panic};

use super::super::render::head_of;
use super::super::sealed::Sealed;
use super::{First, PollRescue, Rescue, Rescued};

/// Waits for the first frame of each body that may break off.
#[derive(Clone, Copy, Debug)]
pub struct FirstFrame;

impl Sealed for FirstFrame {}

impl<B> Rescue<B> for FirstFrame
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Body = Rescued<B>;
    type Waiting = Waiting<B>;

    fn waiting(&self) -> Waiting<B> {
        Waiting { held: None }
    }
}

/// The response that is held back.
pub struct Waiting<B> {
    held: Option<Response<B>>,
}

impl<B> Sealed for Waiting<B> {}

impl<B> PollRescue<B> for Waiting<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Body = Rescued<B>;

    fn hold(
        &mut self,
        response: Response<B>,
        wanted: impl FnOnce(&Response<B>) -> bool,
    ) -> Option<Response<Rescued<B>>> {
        if response.body().is_end_stream() || !wanted(&response) {
            return Some(response.map(Rescued::whole));
        }
        self.held = Some(response);
        None
    }

    fn poll_first(&mut self, cx: &mut Context<'_>) -> Poll<First<Rescued<B>>> {
        let Some(response) = &mut self.held else {
            return Poll::Pending;
        };
        let body = Pin::new(response.body_mut());
        let first = match catch_unwind(AssertUnwindSafe(|| body.poll_frame(cx))) {
            Ok(polled) => ready!(polled)
                .transpose()
                .map_err(|error| Broken::Error(error.into())),
            Err(payload) => Err(Broken::Panic(payload)),
        };
        let Some(response) = self.held.take() else {
            return Poll::Pending;
        };
        Poll::Ready(match first {
            Ok(first) => First::Frame(response.map(|body| Rescued::begun(first, body))),
            Err(broken) => First::Broken(head_of(response), broken),
        })
    }
}

impl<B> Drop for Waiting<B> {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            // The head, which may panic too, is dropped by itself.
            contain_panic(|| drop(head_of(held)));
        }
    }
}

impl<B> fmt::Debug for Waiting<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use http::{Method, Request};
    use http_body::Frame;
    use http_body_util::BodyExt;
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_edge_core::ResponseBody;
    use tower_layer::Layer;

    use super::super::super::EnvelopeLayer;
    use super::super::super::format::PlexMcp;
    use super::*;

    /// Waits, and then breaks off or goes on.
    #[derive(Clone, Default)]
    struct Slow {
        ready: Arc<AtomicBool>,
        panics: bool,
        good: Option<&'static str>,
    }

    impl Body for Slow {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
            if !self.ready.load(Ordering::Relaxed) {
                return Poll::Pending;
            }
            if let Some(good) = self.good.take() {
                return Poll::Ready(Some(Ok(Frame::data(good.into()))));
            }
            assert!(!self.panics, "secret");
            Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
        }
    }

    type Held = tokio_test::task::Spawn<
        Pin<Box<dyn Future<Output = Result<Response<ResponseBody<Rescued<Slow>>>, Infallible>>>>,
    >;

    fn call(request: Request<()>, response: Response<Slow>) -> Held {
        let layer = EnvelopeLayer::new(PlexMcp).with_first_frame_rescue();
        let service = layer.layer(service_fn(move |_: Request<()>| {
            std::future::ready(Ok::<_, Infallible>(response.clone()))
        }));
        tokio_test::task::spawn(Box::pin(service.oneshot(request)))
    }

    #[test]
    fn a_body_that_breaks_off_at_once_is_an_error_of_its_own() {
        for (panics, status) in [(false, 502), (true, 500)] {
            let body = Slow {
                panics,
                ..Slow::default()
            };
            let ready = body.ready.clone();
            let response = Response::builder()
                .header("content-type", "video/mp4")
                .header("content-length", "4711")
                .header("cache-control", "public, max-age=3600")
                .header("x-ratelimit-limit", "20")
                .body(body)
                .unwrap();
            let mut held = call(Request::new(()), response);
            assert!(held.poll().is_pending());

            ready.store(true, Ordering::Relaxed);

            let response = block_on(held).unwrap();
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers()["content-type"], "application/json");
            assert_eq!(response.headers()["x-ratelimit-limit"], "20");
            for gone in ["cache-control", "content-length"] {
                assert!(!response.headers().contains_key(gone), "{gone}");
            }
            let body = block_on(response.into_body().collect()).unwrap().to_bytes();
            let body = str::from_utf8(&body).unwrap();
            assert!(body.starts_with("{\"success\":false"), "{body}");
            assert!(!body.contains("secret"), "{body}");
        }
    }

    #[test]
    fn a_body_that_breaks_off_later_is_aborted() {
        let body = Slow {
            good: Some("first"),
            ready: Arc::new(true.into()),
            panics: false,
        };
        let response = block_on(call(Request::new(()), Response::new(body))).unwrap();

        assert_eq!(response.status(), 200);
        let mut body = std::pin::pin!(response.into_body());
        let first = block_on(body.frame()).unwrap().unwrap();
        assert_eq!(first.into_data().unwrap(), "first");
        assert!(block_on(body.frame()).unwrap().is_err());
    }

    #[test]
    fn an_answer_that_may_have_nothing_to_say_yet_is_not_held_back() {
        let get = || Request::new(());
        let mut head = get();
        *head.method_mut() = Method::HEAD;
        let grpc = Request::post("/").header("content-type", "application/grpc");
        let grpc = grpc.body(()).unwrap();
        let answer = || Response::builder();

        for (request, response) in [
            (get(), answer().header("content-type", "text/event-stream")),
            (get(), answer().status(101)),
            (get(), answer().status(204)),
            (head, answer()),
            (grpc, answer()),
        ] {
            let said = format!("{request:?} {response:?}");

            let mut held = call(request, response.body(Slow::default()).unwrap());

            assert!(held.poll().is_ready(), "{said}");
        }
    }
}
