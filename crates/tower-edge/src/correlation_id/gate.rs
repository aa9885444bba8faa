use std::cell::LazyCell;

use http::response::Parts;
use tower_edge_core::http_ext::FieldNames;
use tower_edge_core::rate_limit::Never;
use tower_edge_core::{
    ClientCorrelationId, CorrelationId, Head, Problem, RequestContext, TraceContext,
};

use super::InContext;
use super::config::Config;
use super::request_context::{USES_CONTEXT, enter, take};
use crate::driver::{Decision, Finish, Gate, InnerResponse, RequestHead, Sealed};
use crate::telemetry::correlation_id::record_not_accepted;
use crate::telemetry::span::Span;

/// The gate of a [`CorrelationIdLayer`](super::CorrelationIdLayer).
#[derive(Clone, Debug, Default)]
pub struct SetCorrelationId {
    pub(super) config: Config,
}

/// The context of the request, which has its id, and the span.
#[derive(Debug, Default)]
#[expect(unnameable_types, reason = "only the driver holds it")]
pub struct State {
    context: RequestContext,
    span: Span,
}

impl Sealed for SetCorrelationId {}

impl Gate for SetCorrelationId {
    type State = State;
    type Pending = Never<()>;
    type Timer = ();

    fn add_field_names(&self, names: &mut FieldNames) {
        self.config.names().iter().for_each(|name| names.add(name));
    }

    #[inline(always)]
    fn decide(&self, state: &mut State, request: &mut RequestHead<'_>) -> Decision<Never<()>> {
        // Nested stacks share the id of the outermost, or the header and the body would differ.
        state.context = match request.extensions.get::<CorrelationId>() {
            Some(id) => self.context_of(id.clone(), request),
            None => self.new_context(&mut state.span, request),
        };
        if self.config.rewrites_request {
            self.rewrite(&state.context, request);
        }
        request.correlation_id = state.context.correlation_id().cloned();
        Decision::Admit
    }

    #[inline(always)]
    fn within<R>(&self, state: &mut State, run: impl FnOnce() -> R) -> Result<R, Problem> {
        let _entered = state.span.enter();
        Ok(enter(&mut state.context, run))
    }
}

impl SetCorrelationId {
    /// The context of a request that has an id.
    fn context_of(&self, id: CorrelationId, request: &RequestHead<'_>) -> RequestContext {
        let outer = RequestContext::current();
        let head = request.head();
        let trace = match outer.correlation_id() {
            Some(outer_id) if *outer_id == id => outer.trace_context().cloned(),
            _ => self.trace(head).filter(|_| self.config.trusts(head)),
        };
        RequestContext::new(Some(id), trace)
    }

    #[inline(always)]
    fn new_context(&self, span: &mut Span, request: &mut RequestHead<'_>) -> RequestContext {
        let (config, now) = (&self.config, request.now());
        let head = request.head();
        let is_trusted = LazyCell::new(|| config.trusts(head));
        let (received, invalid) = config.received(head);
        let (id, client) = match (received, invalid, &config.on_invalid) {
            (Some(id), ..) if *is_trusted => (Some(id), None),
            (Some(client), ..) => (None, Some(client)),
            (None, Some((name, reason)), Some(replace)) if *is_trusted => {
                (replace(head, name, reason), None)
            }
            _ => (None, None),
        };
        let id = id.unwrap_or_else(|| config.generate(now));
        let trace = self.trace(head).filter(|_| *is_trusted);
        let hook = &config.span_hook;
        *span = Span::open(head, &id, client.as_ref(), trace.as_ref(), hook);
        request.extensions.insert(id.clone());
        if invalid.is_some() {
            record_not_accepted(&config.counted, span, invalid);
        }
        if let Some(client) = client {
            record_not_accepted(&config.counted, span, None);
            request.extensions.insert(ClientCorrelationId(client));
        }
        RequestContext::new(Some(id), trace)
    }

    /// The trace of a request, if anything uses it.
    #[inline(always)]
    fn trace(&self, request: Head<'_>) -> Option<TraceContext> {
        let config = &self.config;
        let is_used = USES_CONTEXT || config.rewrites_request || config.span_hook.is_set();
        is_used.then(|| TraceContext::from_headers(request.headers))?
    }

    #[cold]
    fn rewrite(&self, context: &RequestContext, request: &mut RequestHead<'_>) {
        let headers = request.headers_mut();
        if context.trace_context().is_none() {
            TraceContext::remove(headers);
        }
        for name in self.config.names() {
            if let Some(id) = context.correlation_id()
                && (*name == self.config.header || headers.contains_key(name))
            {
                // It fails if the map can hold no more fields.
                let _ = headers.try_insert(name, id.header_value().clone());
            }
        }
    }
}

#[diagnostic::do_not_recommend]
impl<B, E> Finish<B, E> for SetCorrelationId {
    type Body = InContext<B>;
    type Error = E;

    #[inline(always)]
    fn finish(
        &self,
        state: &mut State,
        head: &mut Parts,
        inner: InnerResponse<B, E>,
    ) -> InnerResponse<InContext<B>, E> {
        let problem = match &inner {
            InnerResponse::Problem(problem) => Some(problem),
            InnerResponse::Body(_) => None,
            InnerResponse::Error(_) => {
                state.span.failed();
                return inner.map(|body| InContext::new(body, Default::default()));
            }
        };
        state.span.responded(head, problem);
        if let Some(id) = state.context.correlation_id() {
            // The response has no other.
            let header = &self.config.header;
            head.headers.insert(header, id.header_value().clone());
            if self.config.response_extension {
                head.extensions.insert(id.clone());
            }
        }
        inner.map(|body| InContext::new(body, take(&mut state.context, &mut state.span)))
    }

    fn unready(&self, error: E) -> Result<Problem, E> {
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::{HeaderMap, HeaderValue, Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    use super::super::CorrelationIdLayer;
    use super::*;

    /// Responds with the id that the inner service saw, and an id of its own in the header.
    fn send(request: Request<()>) -> (String, HeaderMap) {
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
        (seen.into_inner().unwrap(), parts.headers)
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
    fn the_response_carries_the_id_once_whatever_the_inner_service_sends() {
        let (seen, headers) = send(request(&[("x-correlation-id", b"req_1")]));

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
        let (seen, _) = send(request(&[
            ("x-request-id", b"second"),
            ("x-correlation-id", b"first"),
        ]));
        assert_eq!(seen, "first");

        let (seen, _) = send(request(&[
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
            let (seen, headers) = send(request(fields));

            assert_eq!(seen.len(), 32, "{seen}");
            assert!(seen.bytes().all(|byte| byte.is_ascii_hexdigit()), "{seen}");
            assert_eq!(headers["x-correlation-id"], seen.as_str());
        }
    }

    #[test]
    fn ids_differ() {
        assert_ne!(send(request(&[])).0, send(request(&[])).0);
    }

    #[test]
    fn an_id_from_further_out_is_kept() {
        let mut request = request(&[("x-correlation-id", b"from-the-client")]);
        request.extensions_mut().insert(CorrelationId::from_u128(7));

        let (seen, headers) = send(request);

        assert_eq!(seen, "00000000000000000000000000000007");
        assert_eq!(headers["x-correlation-id"], seen.as_str());
    }
}
