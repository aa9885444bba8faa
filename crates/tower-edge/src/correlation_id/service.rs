use std::task::Context;
use std::task::Poll;

use http::HeaderMap;
use http::Request;
use http::Response;
use tower_edge_core::CorrelationId;
use tower_edge_core::Field;
use tower_service::Service;

use super::ResponseFuture;
use super::names::SharedNames;

/// Gives every request a correlation id; see the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct SetCorrelationId<S> {
    inner: S,
    names: SharedNames,
}

impl<S> SetCorrelationId<S> {
    pub(super) const fn new(inner: S, names: SharedNames) -> Self {
        Self { inner, names }
    }

    fn incoming(&self, headers: &HeaderMap) -> Option<CorrelationId> {
        let valid = |name| {
            Field::of(headers, name)
                .once()
                .and_then(CorrelationId::parse)
        };
        let names = self.names.names();
        valid(&names.header).or_else(|| valid(names.alias.as_ref()?))
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for SetCorrelationId<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        // Nested stacks share the id of the outermost, or the header and the body would differ.
        let given = request.extensions().get::<CorrelationId>().cloned();
        let id = given.unwrap_or_else(|| {
            let id = self.incoming(request.headers()).unwrap_or_else(made);
            request.extensions_mut().insert(id.clone());
            id
        });
        ResponseFuture::new(self.inner.call(request), self.names.clone(), id)
    }
}

/// Random enough to tell requests apart, from a generator that is seeded once per thread; not a secret.
fn made() -> CorrelationId {
    CorrelationId::from_u128(fastrand::u128(..))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::HeaderValue;
    use tokio_test::block_on;
    use tower::ServiceExt;
    use tower::service_fn;
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
