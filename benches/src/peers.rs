//! What others use in the place of the five layers, in the cheapest arrangement: tower-http and a limiter
//! of requests in one builder under one `Router::layer`; and each limiter alone.

use std::convert::Infallible;
use std::future::Ready;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum_gcra::RateLimitLayer;
use axum_gcra::gcra::Quota as GcraQuota;
use axum_gcra::real_ip::{IpAddrRejection, RealIp};
use axum_governor::extractor::Header;
use axum07::body::Body as Body07;
use axum07::error_handling::HandleErrorLayer;
use governor::middleware::StateInformationMiddleware;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use tower::ServiceBuilder;
use tower::layer::util::Stack;
use tower_edge::rate_limit::Quota;
use tower_governor::governor::{GovernorConfig, GovernorConfigBuilder};
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;

use crate::layers;
use crate::requests::router;
use crate::scenario::{Scenario, cases};
use crate::{render, telemetry};

/// With a limiter of either axum.
macro_rules! stack {
    ($axum:ident, $limiter:expr) => {
        router!($axum).layer(
            ServiceBuilder::new()
                .layer(telemetry::trace())
                .layer(telemetry::count())
                .layer(SetRequestIdLayer::new(ID, MakeRequestUuid))
                .map_response(envelope::<$axum::body::Body>)
                .layer(PropagateRequestIdLayer::new(ID))
                .map_response(|response: Response<_>| response.map($axum::body::Body::new))
                .layer(CatchPanicLayer::new())
                .layer($axum::middleware::from_fn(
                    async |request: $axum::extract::Request, next: $axum::middleware::Next| {
                        if is_outdated(request.headers()) {
                            return $axum::response::IntoResponse::into_response(
                                StatusCode::UPGRADE_REQUIRED,
                            );
                        }
                        next.run(request).await
                    },
                ))
                .layer($limiter)
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::GATEWAY_TIMEOUT,
                    Duration::from_secs(60),
                )),
        )
    };
}

/// What is served and what is refused by a stack around each limiter. `axum_gcra` is for axum 0.7, counts
/// by an address, and writes no fields.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    let forms = [
        cases::<_, Body07, _>("bare", "axum07", |_| router!(axum07)),
        cases::<_, Body, _>("tower_governor", "layered", |quota| {
            stack!(axum, tower_governor(quota))
        }),
        cases::<_, Body, _>("axum_governor", "layered", |quota| {
            stack!(axum, axum_governor(quota))
        }),
        cases::<_, Body07, _>("axum_gcra", "axum07", |quota| {
            stack!(axum07, axum_gcra(quota))
        }),
    ];
    forms.into_iter().flatten().collect()
}

/// Each limiter within one `.layer` of the framework that it is for.
#[must_use]
pub fn limiters() -> Vec<Scenario> {
    let forms = [
        cases::<_, Body, _>("limiter", "layered", |quota| {
            router!(axum).layer(layers::limit(quota))
        }),
        cases::<_, Body, _>("limiter_tower_governor", "layered", |quota| {
            router!(axum).layer(tower_governor(quota))
        }),
        cases::<_, Body, _>("limiter_axum_governor", "layered", |quota| {
            router!(axum).layer(axum_governor(quota))
        }),
        cases::<_, Body07, _>("limiter_axum_gcra", "axum07", |quota| {
            router!(axum07).layer(axum_gcra(quota))
        }),
    ];
    forms.into_iter().flatten().collect()
}

/// With its header fields.
fn tower_governor(quota: Quota) -> GovernorLayer<ApiKey, StateInformationMiddleware, Body> {
    let config: Option<GovernorConfig<_, _>> = GovernorConfigBuilder::default()
        .period(quota.period() / quota.count())
        .burst_size(quota.count())
        .key_extractor(ApiKey)
        .use_headers()
        .finish();
    let config = config.unwrap_or_else(|| unreachable!("neither period nor burst is zero"));
    GovernorLayer::new(Arc::new(config))
}

type Gcra<F> = Stack<RateLimitLayer<RealIp>, HandleErrorLayer<F, ()>>;

fn axum_gcra(
    quota: Quota,
) -> Gcra<
    impl Fn(axum_gcra::Error<Infallible, IpAddrRejection>) -> Ready<axum07::response::Response> + Clone,
> {
    RateLimitLayer::builder()
        .with_default_quota(GcraQuota::new(
            quota.period() / quota.count(),
            quota.limit().into(),
        ))
        .default_handle_error()
}

/// With its header fields, which it always writes, and without its sweeps.
fn axum_governor(quota: Quota) -> axum_governor::GovernorLayer<String> {
    let periods = Duration::from_secs(3600).as_millis() / quota.period().as_millis();
    let periods = u32::try_from(periods).ok().and_then(NonZeroU32::new);
    let hourly = quota
        .limit()
        .saturating_mul(periods.unwrap_or(NonZeroU32::MIN));
    let config = axum_governor::GovernorConfigBuilder::default()
        .with_extractor(Header(&API_KEY))
        .quota_default(axum_governor::Quota::requests_per_hour(hourly).burst(quota.limit()))
        .gc_disable()
        .finish();
    axum_governor::GovernorLayer::new(config.unwrap_or_else(|_| unreachable!("it is complete")))
}

#[derive(Clone, Copy, Debug)]
struct ApiKey;

impl KeyExtractor for ApiKey {
    type Key = String;

    fn extract<T>(&self, request: &http::Request<T>) -> Result<String, GovernorError> {
        let key = request.headers().get(&API_KEY);
        key.and_then(|key| key.to_str().ok())
            .map(ToOwned::to_owned)
            .ok_or(GovernorError::UnableToExtractKey)
    }
}

fn is_outdated(headers: &HeaderMap) -> bool {
    let version = headers.get("x-client-version");
    let version = version.and_then(|version| version.to_str().ok()?.parse().ok());
    version.is_some_and(|version: semver::Version| version < semver::Version::new(1, 2, 0))
}

/// Errors in the format of an API, by serde.
fn envelope<B: From<Vec<u8>>>(response: Response<B>) -> Response<B> {
    let code = match response.status() {
        StatusCode::NOT_FOUND => "NOT_FOUND",
        StatusCode::UPGRADE_REQUIRED => "VERSION_OUTDATED",
        StatusCode::TOO_MANY_REQUESTS => "RATE_LIMIT_EXCEEDED",
        status if status.is_client_error() || status.is_server_error() => "INTERNAL_ERROR",
        _ => return response,
    };
    let body = serde_json::to_vec(&render::Body::new(code)).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, B::from(body))
}

const ID: HeaderName = HeaderName::from_static("x-correlation-id");
static API_KEY: HeaderName = HeaderName::from_static("x-api-key");
