//! All layers around the service, and what of them is held.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::yield_now;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::util::BoxCloneService;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::deadline::TimeoutHeader;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::metrics::RequestMetricsLayer;
use tower_edge::rate_limit::{ApiKey, ChargeOn, KeyExtractor, Limit, Limits, RateLimitLayer};
use tower_edge::server::{AccessLogLayer, DrainRequestBodyLayer};
use tower_edge::timeout::{QueueTimeoutLayer, RequestBodyTimeoutLayer, UpstreamTimeoutLayer};
use tower_edge::version_gate::{SemVer, VersionGateLayer};
use tower_edge::{BoxError, Edge};

use crate::body::{Chunks, Held};
use crate::kinds::{KINDS, Kind, Reader};
use crate::metrics::InFlight;
use crate::service::respond;
use crate::store::{TestStore, unix_now};

type Service = BoxCloneService<Request<Chunks>, Response<UnsyncBoxBody<Bytes, BoxError>>, BoxError>;

pub(crate) struct Stack {
    held: Held,
    in_flight: InFlight,
    service: Service,
    slots: Arc<Semaphore>,
}

/// What is taken at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Taken {
    /// Bodies, futures of the service and of the store.
    held: usize,
    in_flight: f64,
    slots: usize,
    tasks: usize,
}

impl Stack {
    pub(crate) fn new(in_flight: InFlight) -> Self {
        let held = Held::default();
        let slots = Arc::new(Semaphore::new(SLOTS));
        let limits = [
            Limit::new("open=1000000000/1d".parse().unwrap(), ApiKey),
            Limit::new("failures=1000/1d".parse().unwrap(), ApiKey)
                .with_charge_on(ChargeOn::Failures)
                .with_paths(["/login"])
                .unwrap(),
            Limit::new("private=1000/1d".parse().unwrap(), ApiKey.required())
                .with_paths(["/private"])
                .unwrap(),
            Limit::new("spent=1/1d".parse().unwrap(), ApiKey)
                .with_paths(["/spent"])
                .unwrap(),
        ];
        let limits = Limits::new(limits).unwrap().with_unix_clock(unix_now);
        let edge = Edge::new()
            .layer(EnvelopeLayer::new(ProblemDetails))
            .layer(VersionGateLayer::new("1.2.0".parse::<SemVer>().unwrap()))
            .layer(RateLimitLayer::new(limits).with_store(TestStore::new(&held)))
            .layer(
                UpstreamTimeoutLayer::new(SECOND)
                    .with_idle(SECOND)
                    .with_deadlines([TimeoutHeader::GrpcTimeout]),
            );
        let of_service = held.clone();
        let service = ServiceBuilder::new()
            .map_response(boxed)
            .map_err(BoxError::from)
            .layer(RequestMetricsLayer::new())
            .layer(DrainRequestBodyLayer::new())
            .layer(CorrelationIdLayer::new())
            .layer(AccessLogLayer::new())
            .layer(edge)
            .layer(QueueTimeoutLayer::new(SECOND))
            .layer(GlobalConcurrencyLimitLayer::with_semaphore(slots.clone()))
            .layer(RequestBodyTimeoutLayer::new(SECOND / 2))
            .service(service_fn(move |request| {
                respond(request, of_service.clone())
            }));
        Self {
            held,
            in_flight,
            service: BoxCloneService::new(service),
            slots,
        }
    }

    /// What is taken once tasks that are about to end have ended. A request that is served before makes anew what layers
    /// keep for the next one, and a body that failed has not given back.
    pub(crate) async fn taken(&self) -> Taken {
        self.serve(&KINDS[0]).await;
        for _ in 0..ENDS {
            yield_now().await;
        }
        Taken {
            held: Held::strong_count(&self.held),
            in_flight: self.in_flight.value(),
            slots: SLOTS - self.slots.available_permits(),
            tasks: Handle::current().metrics().num_alive_tasks(),
        }
    }

    /// Sends a request, and does with the response what its client does.
    pub(crate) async fn serve(&self, kind: &Kind) {
        let taken = kind.is_crowded.then(|| {
            self.slots
                .try_acquire_many(u32::try_from(SLOTS).unwrap())
                .unwrap()
        });
        let response = self.service.clone().oneshot(kind.request(&self.held)).await;
        let response = response.unwrap();
        drop(taken);
        assert_eq!(response.status(), kind.status, "{}", kind.name);
        let (head, mut body) = response.into_parts();
        match kind.reader {
            Reader::Drops => {}
            Reader::DropsBody => assert!(body.frame().await.is_some_and(|frame| frame.is_ok())),
            Reader::Broken => assert!(body.collect().await.is_err(), "{}", kind.name),
            Reader::Whole => {
                let body = body.collect().await.unwrap();
                assert!(!body.to_bytes().is_empty(), "{}", kind.name);
            }
            Reader::Grpc(status) => {
                let body = body.collect().await.unwrap();
                let trailers = body.trailers().unwrap_or(&head.headers);
                assert_eq!(trailers["grpc-status"], status, "{}", kind.name);
            }
        }
    }
}

fn boxed<B>(response: Response<B>) -> Response<UnsyncBoxBody<Bytes, BoxError>>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    response.map(|body| body.map_err(Into::into).boxed_unsync())
}

const SECOND: Duration = Duration::from_secs(1);
const SLOTS: usize = 2;
/// More turns than anything takes that ends by itself.
const ENDS: usize = 64;
