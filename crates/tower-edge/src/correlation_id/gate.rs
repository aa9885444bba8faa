use std::fmt;

use http::HeaderMap;
use http::response::Parts;
use tower_edge_core::http_ext::{FieldNames, SingleHeader};
use tower_edge_core::rate_limit::Never;
use tower_edge_core::{ClientCorrelationId, CorrelationId, Problem};

use super::ContextBody;
use super::config::{Chosen, Config};
use super::request_context::Ambient;
use crate::driver::{Decision, Finish, Gate, InnerResponse, RequestHead, Sealed};
use crate::telemetry;
use crate::telemetry::span::Span;

/// The gate of a [`CorrelationIdLayer`](super::CorrelationIdLayer).
#[derive(Clone)]
pub struct SetCorrelationId {
    pub(super) config: Config,
}

/// The id, the context and the span of the request.
#[derive(Debug, Default)]
#[expect(unnameable_types, reason = "only the driver holds it")]
pub struct State {
    ambient: Ambient,
    id: Option<CorrelationId>,
    span: Span,
}

impl Sealed for SetCorrelationId {}

impl Gate for SetCorrelationId {
    type State = State;
    type Pending = Never<()>;
    type Timer = ();

    fn add_field_names(&self, names: &mut FieldNames) {
        self.config.names.iter().for_each(|name| names.add(name));
    }

    #[inline(always)]
    fn decide(&self, state: &mut State, request: &mut RequestHead<'_>) -> Decision<Never<()>> {
        // Nested stacks share the id of the outermost, or the header and the body would differ.
        if let Some(id) = request.extensions.get::<CorrelationId>() {
            state.id = Some(id.clone());
        } else {
            let now = request.now();
            let chosen = self.config.choose(request.head(), now);
            let id = chosen.id.clone();
            state.span = Span::open(request.head(), &id, chosen.client.as_ref());
            request.extensions.insert(id.clone());
            if chosen.client.is_some() || chosen.invalid.is_some() {
                not_accepted(chosen, &state.span, request);
            }
            state.id = Some(id);
        }
        request.correlation_id.clone_from(&state.id);
        state.ambient = Ambient::from_head(request.head());
        Decision::Admit
    }

    #[inline(always)]
    fn rewrite_request(&self, state: &mut State, headers: &mut HeaderMap) {
        if self.config.rewrites_request
            && let Some(id) = &state.id
        {
            self.rewrite(id, headers);
        }
    }

    #[inline(always)]
    fn within<R>(&self, state: &mut State, run: impl FnOnce() -> R) -> Result<R, Problem> {
        let _entered = state.span.enter();
        Ok(state.ambient.enter(run))
    }
}

/// Some field has an id that does not count.
#[cold]
fn not_accepted(chosen: Chosen<'_>, span: &Span, request: &mut RequestHead<'_>) {
    let _entered = span.enter();
    if let Some((header, reason)) = chosen.invalid {
        telemetry::correlation_id::log_not_accepted(Some(header), &reason);
    }
    if let Some(client) = chosen.client {
        telemetry::correlation_id::log_not_accepted(None, &"the request is not trusted");
        request.extensions.insert(ClientCorrelationId(client));
    }
}

impl SetCorrelationId {
    #[cold]
    fn rewrite(&self, id: &CorrelationId, headers: &mut HeaderMap) {
        for name in self.config.names.iter() {
            if *name == self.config.header || headers.contains_key(name) {
                // It fails for a map that can hold no more fields.
                let _ = headers.try_insert(name, id.header_value().clone());
            }
        }
    }

    /// Makes the id of the request the only one that the response has.
    #[inline(always)]
    fn write(&self, id: &CorrelationId, head: &mut Parts) {
        let (config, headers) = (&self.config, &mut head.headers);
        if let Some(name) = &config.upstream_header {
            let theirs = SingleHeader::from_headers(headers, &config.header).one();
            if let Some(theirs) = theirs.and_then(CorrelationId::parse)
                && theirs != *id
            {
                headers.insert(name, theirs.header_value().clone());
            }
        }
        headers.insert(&config.header, id.header_value().clone());
        if config.response_extension {
            head.extensions.insert(id.clone());
        }
    }
}

#[diagnostic::do_not_recommend]
impl<B, E> Finish<B, E> for SetCorrelationId {
    type Body = ContextBody<B>;
    type Error = E;

    #[inline(always)]
    fn finish(
        &self,
        state: &mut State,
        head: &mut Parts,
        inner: InnerResponse<B, E>,
    ) -> InnerResponse<ContextBody<B>, E> {
        let problem = match &inner {
            InnerResponse::Body(_) => None,
            InnerResponse::Problem(problem) => Some(problem),
            InnerResponse::Error(_) => {
                state.span.failed();
                return inner.map(|body| ContextBody::new(body, Ambient::default()));
            }
        };
        state.span.answered(head, problem);
        if let Some(id) = &state.id {
            self.write(id, head);
        }
        inner.map(|body| ContextBody::new(body, state.ambient.take_with(&mut state.span)))
    }

    fn unready(&self, error: E) -> Result<Problem, E> {
        Err(error)
    }
}

impl fmt::Debug for SetCorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.config.fmt(f)
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
