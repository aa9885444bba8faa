use http::HeaderName;
use tower_edge_core::{CorrelationId, GenerateId};
use tower_layer::Layer;

use super::settings::{OnInvalid, Settings};
use super::{Scope, SetCorrelationId, Trust};
use crate::driver::{Chain, Driver, Edge, EdgeLayer, EdgeService};

/// Gives every request a correlation id; see the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct CorrelationIdLayer {
    driver: Driver<SetCorrelationId>,
}

impl CorrelationIdLayer {
    /// A layer that reads `X-Correlation-ID`, then `X-Request-ID`, and writes `X-Correlation-ID`.
    #[must_use]
    pub fn new() -> Self {
        Self {
            driver: Driver::new(SetCorrelationId {
                settings: Settings::default(),
            }),
        }
    }

    /// Answers 400 where a request has an id that is not valid, and no other, instead of making one.
    ///
    /// The answer carries an id that was made for it, and a [`Problem`](tower_edge_core::Problem). It has
    /// no body: in the usual order, outside of an envelope, take
    /// [`with_refusal_inside`](Self::with_refusal_inside). Clients that you do not write may well send
    /// what you would refuse.
    #[must_use]
    pub fn with_refusal(self) -> Self {
        self.with(|settings| settings.on_invalid = OnInvalid::Refuse)
    }

    /// Has the envelope further in answer 400, in the format of the request, where a request has an id
    /// that is not valid, and no other.
    ///
    /// The inner service is called with a [`PendingRefusal`](tower_edge_core::PendingRefusal) in the
    /// extensions of the request, in the place of the id, and an envelope calls nothing further in. Where
    /// the call reaches no envelope, as there is none, or as a `Router` between them calls what is in
    /// it later, the inner future is dropped before it is polled, and the answer is that of
    /// [`with_refusal`](Self::with_refusal).
    ///
    /// ```
    /// use http::{Request, Response};
    /// use http_body_util::{BodyExt, Empty};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_edge::correlation_id::CorrelationIdLayer;
    /// use tower_edge::envelope::EnvelopeLayer;
    /// use tower_edge_formats::PlexMcp;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = ServiceBuilder::new()
    ///     .layer(CorrelationIdLayer::new().with_refusal_inside())
    ///     .layer(EnvelopeLayer::new(PlexMcp))
    ///     .service(service_fn(async |_: Request<()>| {
    ///         Ok::<_, std::convert::Infallible>(Response::new(Empty::<bytes::Bytes>::new()))
    ///     }));
    ///
    /// let request = Request::get("/").header("x-correlation-id", "no id").body(())?;
    /// let response = service.oneshot(request).await?;
    ///
    /// assert_eq!(response.status(), 400);
    /// assert!(response.headers().contains_key("x-correlation-id"));
    /// let body = response.into_body().collect().await.map_err(|error| error.to_string())?;
    /// assert!(body.to_bytes().starts_with(br#"{"success":false,"error":{"code":"#));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_refusal_inside(self) -> Self {
        self.with(|settings| settings.on_invalid = OnInvalid::RefuseInside)
    }

    /// Takes those ids alone of which this is true; the others are not valid. The default takes all
    /// that a [`CorrelationId`] may be.
    ///
    /// ```
    /// use tower_edge::correlation_id::CorrelationIdLayer;
    ///
    /// let layer = CorrelationIdLayer::new().with_accepted(|id| id.as_str().len() <= 64);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_accepted(
        self,
        accepts: impl Fn(&CorrelationId) -> bool + Send + Sync + 'static,
    ) -> Self {
        let accepts = std::sync::Arc::new(accepts);
        self.with(|settings| settings.accepts = Some(accepts))
    }

    /// Sets the fields that are read, in their order, where the first holds no valid id; none for no
    /// other.
    #[must_use]
    pub fn with_aliases(self, aliases: impl IntoIterator<Item = HeaderName>) -> Self {
        let aliases = aliases.into_iter();
        self.with(|settings| {
            let names = std::iter::once(settings.header.clone()).chain(aliases);
            settings.names = names.collect();
        })
    }

    /// Sets who makes ids, instead of 32 hexadecimal digits: [`Ids`](super::Ids), or your own.
    ///
    /// ```
    /// use tower_edge::correlation_id::{CorrelationIdLayer, IdFormat, Ids};
    ///
    /// let ids = Ids::new(IdFormat::Ulid).with_prefix("req_")?;
    /// let layer = CorrelationIdLayer::new().with_generator(ids);
    /// # let _ = layer;
    /// # Ok::<_, tower_edge::correlation_id::InvalidPrefix>(())
    /// ```
    #[must_use]
    pub fn with_generator(self, generator: impl GenerateId + Send + Sync + 'static) -> Self {
        let generator = std::sync::Arc::new(generator);
        self.with(|settings| settings.generator = Some(generator))
    }

    /// Sets the field that is read first, and that responses carry.
    #[must_use]
    pub fn with_header(self, header: HeaderName) -> Self {
        self.with(|settings| {
            if let Some(first) = settings.names.to_mut().first_mut() {
                first.clone_from(&header);
            }
            settings.header = header;
        })
    }

    /// Lets code that has no request ask for its id, by [`CorrelationId::current`]: while the inner
    /// service is called, while its future is polled, and while the body of its response is.
    ///
    /// The body is wrapped for it, in a [`ScopedBody`](super::ScopedBody). Tasks are given the scope by
    /// [`in_current_scope`](super::in_current_scope). The trace context of a request is in its scope
    /// too, for calls upstream. This comes last, since it makes another layer.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_edge::correlation_id::{CorrelationId, CorrelationIdLayer, in_current_scope};
    ///
    /// /// Knows nothing of requests.
    /// async fn far_away() -> Option<String> {
    ///     CorrelationId::current().map(|id| id.to_string())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let layer = CorrelationIdLayer::new().with_scope();
    /// let service = ServiceBuilder::new().layer(layer).service(service_fn(
    ///     async |_: Request<()>| {
    ///         let id = tokio::spawn(in_current_scope(far_away())).await;
    ///         Ok::<_, std::convert::Infallible>(Response::new(id.ok().flatten()))
    ///     },
    /// ));
    ///
    /// let request = Request::get("/").header("x-correlation-id", "req_1").body(())?;
    /// let response = service.oneshot(request).await?;
    ///
    /// assert_eq!(response.into_body().into_inner().as_deref(), Some("req_1"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_scope(self) -> Edge<Chain<SetCorrelationId, Chain<Scope, ()>>> {
        Edge::new().layer(self).layer(Scope::new())
    }

    /// Takes the trace id of a valid `traceparent` where no field holds a valid id, so that logs and
    /// traces are found by the same one
    /// ([W3C Trace Context, section 3.2](https://www.w3.org/TR/trace-context/#traceparent-header)).
    #[must_use]
    pub fn with_trace_id(self) -> Self {
        self.with(|settings| settings.trace_id = true)
    }

    /// Sets whose ids are taken; the default is everybody's.
    #[must_use]
    pub fn with_trust(self, trust: Trust) -> Self {
        self.with(|settings| settings.trust = trust)
    }

    /// Keeps an id that the inner service answers with, where it is valid and not the request's, in
    /// this field, such as `X-Upstream-Correlation-ID`. The default drops it.
    #[must_use]
    pub fn with_upstream_header(self, header: HeaderName) -> Self {
        self.with(|settings| settings.upstream_header = Some(header))
    }

    fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        Self {
            driver: self.driver.with(|gate| change(&mut gate.settings)),
        }
    }
}

impl Default for CorrelationIdLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for CorrelationIdLayer {
    type Service = EdgeService<S, SetCorrelationId>;

    fn layer(&self, inner: S) -> Self::Service {
        self.driver.service(inner)
    }
}

impl EdgeLayer for CorrelationIdLayer {
    type Gate = SetCorrelationId;

    fn into_gate(self) -> SetCorrelationId {
        self.driver.into_gate()
    }
}
