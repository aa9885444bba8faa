use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{HeaderMap, Request, Response};
use pin_project_lite::pin_project;
use tower_edge_core::http_ext::SingleHeader;
use tower_edge_core::{ClientCorrelationId, CorrelationId, Head};
use tower_service::Service;

use super::settings::{Named, Settings, SharedSettings};
use super::{OnInvalid, Refusal, Replace};
use crate::telemetry::span::Span;

/// Gives every request a correlation id; see the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct SetCorrelationId<S, I = Replace> {
    inner: S,
    on_invalid: I,
    settings: SharedSettings,
}

impl<S, I> SetCorrelationId<S, I> {
    pub(super) const fn new(inner: S, on_invalid: I, settings: SharedSettings) -> Self {
        Self {
            inner,
            on_invalid,
            settings,
        }
    }
}

impl<S, I, ReqBody, ResBody> Service<Request<ReqBody>> for SetCorrelationId<S, I>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    I: OnInvalid<Refusal: Refusal<ResBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, I::Refusal>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let settings = self.settings.clone();
        // Nested stacks share the id of the outermost, or the header and the body would differ.
        if let Some(id) = request.extensions().get::<CorrelationId>().cloned() {
            let future = self.inner.call(request);
            return ResponseFuture::inner(id, settings, Span::none(), future);
        }

        let Named {
            id,
            client,
            invalid,
        } = self.settings.get().name(Head::from(&request));
        let span = Span::open(Head::from(&request), &id, client.as_ref());
        if let Some(refusal) = invalid.and_then(|header| self.on_invalid.refusal(header, &id)) {
            if let Some(pending) = I::pending(&refusal) {
                request.extensions_mut().insert(pending.clone());
                let future = {
                    let _entered = span.enter();
                    self.inner.call(request)
                };
                // Whoever has taken it answers.
                if !pending.is_open() {
                    return ResponseFuture::inner(id, settings, span, future);
                }
            }
            return ResponseFuture::refused(id, settings, span, refusal);
        }

        request.extensions_mut().insert(id.clone());
        if let Some(client) = client {
            request.extensions_mut().insert(ClientCorrelationId(client));
        }
        let future = {
            let _entered = span.enter();
            self.inner.call(request)
        };
        ResponseFuture::inner(id, settings, span, future)
    }
}

pin_project! {
    /// The future of [`SetCorrelationId`].
    #[derive(Debug)]
    pub struct ResponseFuture<F, R = Infallible> {
        id: CorrelationId,
        settings: SharedSettings,
        span: Span,
        #[pin]
        state: State<F, R>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<F, R> {
        Inner {
            #[pin]
            future: F,
        },
        Refused {
            refusal: Option<R>,
        },
    }
}

impl<F, R> ResponseFuture<F, R> {
    pub(super) const fn inner(
        id: CorrelationId,
        settings: SharedSettings,
        span: Span,
        future: F,
    ) -> Self {
        Self {
            id,
            settings,
            span,
            state: State::Inner { future },
        }
    }

    pub(super) const fn refused(
        id: CorrelationId,
        settings: SharedSettings,
        span: Span,
        refusal: R,
    ) -> Self {
        let refusal = Some(refusal);
        Self {
            id,
            settings,
            span,
            state: State::Refused { refusal },
        }
    }
}

impl<F, R, B, E> Future for ResponseFuture<F, R>
where
    F: Future<Output = Result<Response<B>, E>>,
    R: Refusal<B>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = match this.state.project() {
            StateProj::Inner { future } => {
                let polled = {
                    let _entered = this.span.enter();
                    future.poll(cx)
                };
                match ready!(polled) {
                    Ok(response) => response,
                    Err(error) => {
                        this.span.failed();
                        return Poll::Ready(Err(error));
                    }
                }
            }
            StateProj::Refused { refusal } => match refusal.take() {
                Some(refusal) => refusal.into_response(),
                // Polled again after it was ready, which no caller does.
                None => return Poll::Pending,
            },
        };
        this.span.answered(&response);
        write(this.id, this.settings.get(), response.headers_mut());
        Poll::Ready(Ok(response))
    }
}

/// Makes the id of the request the only one that the response has.
fn write(id: &CorrelationId, settings: &Settings, headers: &mut HeaderMap) {
    if let Some(name) = &settings.upstream_header {
        let theirs = SingleHeader::from_headers(headers, &settings.header).one();
        if let Some(theirs) = theirs.and_then(CorrelationId::parse)
            && theirs != *id
        {
            headers.insert(name, theirs.header_value().clone());
        }
    }
    headers.insert(&settings.header, id.header_value().clone());
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::{HeaderMap, HeaderValue};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    use super::super::CorrelationIdLayer;
    use super::*;

    /// Answers with the id that the inner service saw, and an id of its own in the header.
    fn answer(request: Request<()>) -> (String, HeaderMap) {
        let service = CorrelationIdLayer::new().layer(service_fn(async |request: Request<()>| {
            let seen = request
                .extensions()
                .get::<CorrelationId>()
                .map(ToString::to_string);
            let response = Response::builder()
                .header("x-correlation-id", "inner")
                .body(seen);
            Ok::<_, Infallible>(response.unwrap())
        }));
        let response = block_on(service.oneshot(request)).unwrap();
        let (parts, seen) = response.into_parts();
        (seen.unwrap(), parts.headers)
    }

    fn request(fields: &[(&'static str, &[u8])]) -> Request<()> {
        let mut request = Request::new(());
        for (name, value) in fields {
            request
                .headers_mut()
                .append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        request
    }

    #[test]
    fn the_answer_carries_the_id_once_whatever_the_inner_service_says() {
        let (seen, headers) = answer(request(&[("x-correlation-id", b"req_1")]));

        assert_eq!(seen, "req_1");
        assert_eq!(
            headers
                .get_all("x-correlation-id")
                .iter()
                .collect::<Vec<_>>(),
            ["req_1"]
        );
    }

    #[test]
    fn the_first_valid_field_counts() {
        let (seen, _) = answer(request(&[
            ("x-request-id", b"second"),
            ("x-correlation-id", b"first"),
        ]));
        assert_eq!(seen, "first");

        let (seen, _) = answer(request(&[
            ("x-request-id", b"second"),
            ("x-correlation-id", b"bad one"),
        ]));
        assert_eq!(seen, "second");
    }

    #[test]
    fn a_hostile_or_repeated_id_is_replaced() {
        let flood = [b'a'; 60_000];
        for fields in [
            [("x-correlation-id", b"".as_slice())].as_slice(),
            &[("x-correlation-id", &flood)],
            &[("x-correlation-id", b"a\tb")],
            &[("x-correlation-id", b"\xff\xfe")],
            &[("x-correlation-id", b"a"), ("x-correlation-id", b"a")],
        ] {
            let (seen, headers) = answer(request(fields));

            assert_eq!(seen.len(), 32, "{seen}");
            assert!(seen.bytes().all(|byte| byte.is_ascii_hexdigit()), "{seen}");
            assert_eq!(headers["x-correlation-id"], seen.as_str());
        }
    }

    #[test]
    fn ids_differ() {
        assert_ne!(answer(request(&[])).0, answer(request(&[])).0);
    }

    #[test]
    fn an_id_from_further_out_is_kept() {
        let mut request = request(&[("x-correlation-id", b"from-the-client")]);
        request.extensions_mut().insert(CorrelationId::from_u128(7));

        let (seen, headers) = answer(request);

        assert_eq!(seen, "00000000000000000000000000000007");
        assert_eq!(headers["x-correlation-id"], seen.as_str());
    }
}
