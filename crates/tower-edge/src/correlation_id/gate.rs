use std::fmt;

use http::response::Parts;
use http::{HeaderMap, HeaderName};
use tower_edge_core::http_ext::{FieldNames, SingleHeader};
use tower_edge_core::rate_limit::Never;
use tower_edge_core::{ClientCorrelationId, CorrelationId, Kind, PendingRefusal, Problem};

use super::settings::{Named, OnInvalid, Settings};
use crate::driver::{Decision, Finish, Gate, InnerResponse, RequestHead, Sealed};
use crate::telemetry::span::Span;

/// The gate of a [`CorrelationIdLayer`](super::CorrelationIdLayer).
#[derive(Clone)]
pub struct SetCorrelationId {
    pub(super) settings: Settings,
}

/// The id and the span of the request, and a refusal for an envelope further in.
#[derive(Debug, Default)]
#[expect(unnameable_types, reason = "only the driver holds it")]
pub struct State {
    id: Option<CorrelationId>,
    refusal: Option<PendingRefusal>,
    span: Span,
}

impl Sealed for SetCorrelationId {}

impl Gate for SetCorrelationId {
    type State = State;
    type Pending = Never<()>;
    type Timer = ();

    fn add_field_names(&self, names: &mut FieldNames) {
        self.settings.names.iter().for_each(|name| names.add(name));
    }

    #[inline(always)]
    fn decide(&self, state: &mut State, request: &mut RequestHead<'_>) -> Decision<Never<()>> {
        // Nested stacks share the id of the outermost, or the header and the body would differ.
        if let Some(id) = request.extensions.get::<CorrelationId>() {
            state.id = Some(id.clone());
            request.correlation_id.clone_from(&state.id);
            return Decision::Admit;
        }
        let now = request.now();
        let Named {
            id,
            client,
            invalid,
        } = self.settings.name(request.head(), now);
        state.span = Span::open(request.head(), &id, client.as_ref());
        state.id = Some(id.clone());
        if let Some(header) = invalid
            && let Some(decision) = self.refuse(header, &id, state, request)
        {
            return decision;
        }
        request.extensions.insert(id.clone());
        request.correlation_id = Some(id);
        if let Some(client) = client {
            request.extensions.insert(ClientCorrelationId(client));
        }
        Decision::Admit
    }

    #[inline(always)]
    fn within<R>(&self, state: &mut State, run: impl FnOnce() -> R) -> Result<R, Problem> {
        let _entered = state.span.enter();
        Ok(run())
    }

    #[inline(always)]
    fn after_call(&self, state: &mut State) -> Result<(), Problem> {
        match &state.refusal {
            // Nobody has taken it.
            Some(refusal) => refusal.take().map_or(Ok(()), Err),
            None => Ok(()),
        }
    }
}

impl SetCorrelationId {
    #[cold]
    fn refuse(
        &self,
        header: &HeaderName,
        id: &CorrelationId,
        state: &mut State,
        request: &mut RequestHead<'_>,
    ) -> Option<Decision<Never<()>>> {
        let problem = || {
            let name = header.as_str().to_owned();
            Problem::new(Kind::BadRequest).with_detail("header", name)
        };
        match self.settings.on_invalid {
            OnInvalid::Replace => None,
            OnInvalid::Refuse => Some(Decision::Reject(problem())),
            OnInvalid::RefuseInside => {
                let refusal = PendingRefusal::new(problem(), id.clone());
                request.extensions.insert(refusal.clone());
                state.refusal = Some(refusal);
                Some(Decision::Admit)
            }
        }
    }
}

#[diagnostic::do_not_recommend]
impl<B, E> Finish<B, E> for SetCorrelationId {
    type Body = B;
    type Error = E;

    #[inline(always)]
    fn finish(
        &self,
        state: &mut State,
        head: &mut Parts,
        inner: InnerResponse<B, E>,
    ) -> InnerResponse<B, E> {
        let problem = match &inner {
            InnerResponse::Body(_) => None,
            InnerResponse::Problem(problem) => Some(problem),
            InnerResponse::Error(_) => {
                state.span.failed();
                return inner;
            }
        };
        state.span.answered(head, problem);
        if let Some(id) = &state.id {
            write(id, &self.settings, &mut head.headers);
        }
        inner
    }

    fn unready(&self, error: E) -> Result<Problem, E> {
        Err(error)
    }
}

/// Makes the id of the request the only one that the response has.
#[inline(always)]
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

impl fmt::Debug for SetCorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
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
