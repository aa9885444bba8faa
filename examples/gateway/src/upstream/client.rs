use std::io;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use serde_json::value::RawValue;
use tower::{Layer, ServiceExt};
use tower_edge::correlation_id::CorrelationId;
use tower_edge::driver::EdgeService;
use tower_edge::envelope::problem_of;
use tower_edge::forward::{RequestFields, Via};
use tower_edge::http_client::{HttpClient, IncomingBody};
use tower_edge::http_ext::retry_after;
use tower_edge::timeout::{TimeoutBody, Timeouts, UpstreamTimeout, UpstreamTimeoutLayer};
use tower_edge::{Kind, Problem};

use super::simulator::Simulator;
use crate::flags::Flags;

/// A client of the upstream, with limits on its time and on the calls in flight.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    base: Uri,
    client: Client,
    /// Nothing answers here: what the simulator has for `refused`.
    refused: Option<Uri>,
    /// The limits of a call whose body is passed on as it comes. It may take as long as it goes on.
    streamed: Timeouts,
}

type Client = EdgeService<HttpClient<Empty<Bytes>>, UpstreamTimeout>;

impl Upstream {
    /// The upstream of the flags, else a simulator inside this process.
    pub(crate) async fn start(flags: &Flags) -> io::Result<Self> {
        let client = HttpClient::new().with_max_in_flight(flags.max_upstream_calls);
        let timeout = UpstreamTimeoutLayer::new(flags.timeout)
            .with_idle(flags.timeout)
            .with_total(flags.timeout.saturating_mul(TOTAL_TIMEOUTS))
            .with_timeouts_by(Timeouts::from_request);
        let (base, refused) = match &flags.upstream {
            Some(base) => (base.clone(), None),
            None => {
                let simulator = Simulator::start().await?;
                (simulator.base, Some(simulator.refused))
            }
        };
        Ok(Self {
            base,
            client: timeout.layer(client),
            refused,
            streamed: Timeouts::new()
                .with_head(flags.timeout)
                .with_idle(flags.timeout),
        })
    }

    /// The JSON that the upstream answers with.
    pub(crate) async fn json(&self, call: Call) -> Result<Box<RawValue>, Problem> {
        let response = self.answer(call, None).await?;
        let body = Limited::new(response.into_body(), MAX_JSON).collect().await;
        // A body that is too large, or no JSON, is the upstream's fault and not the client's.
        let body = body.map_err(|error| match problem_of(error) {
            problem if problem.kind() == Kind::UpstreamTimeout => problem,
            problem => Problem::new(Kind::UpstreamError).with_source(problem),
        })?;
        serde_json::from_slice(&body.to_bytes())
            .map_err(|error| Problem::new(Kind::UpstreamError).with_source(error))
    }

    /// The answer of the upstream as it comes, with the fields that describe its body.
    pub(crate) async fn stream(
        &self,
        call: Call,
    ) -> Result<Response<TimeoutBody<IncomingBody>>, Problem> {
        let response = self.answer(call, Some(self.streamed)).await?;
        let (parts, body) = response.into_parts();
        let mut response = Response::new(body);
        for name in [header::CACHE_CONTROL, header::CONTENT_TYPE] {
            if let Some(value) = parts.headers.get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        Ok(response)
    }

    async fn answer(
        &self,
        call: Call,
        timeouts: Option<Timeouts>,
    ) -> Result<Response<TimeoutBody<IncomingBody>>, Problem> {
        let mut request = Request::new(Empty::new());
        if let Some(timeouts) = timeouts {
            request.extensions_mut().insert(timeouts);
        }
        *request.uri_mut() = self.uri_of(&call.path)?;
        *request.headers_mut() = call.headers;
        let response = self.client.clone().oneshot(request).await;
        let mut response = response.map_err(problem_of)?;
        match response.extensions_mut().remove::<Problem>() {
            Some(problem) => Err(problem),
            None => succeeded(response),
        }
    }

    fn uri_of(&self, path: &str) -> Result<Uri, Problem> {
        let base = match &self.refused {
            Some(refused) if path == "refused" => refused,
            _ => &self.base,
        };
        let base = base.to_string();
        format!("{}/{path}", base.trim_end_matches('/'))
            .parse()
            .map_err(|error: http::uri::InvalidUri| Problem::new(Kind::Internal).with_source(error))
    }
}

/// What the upstream's status means to the client, who has not asked the upstream but us.
fn succeeded<B>(response: Response<B>) -> Result<Response<B>, Problem> {
    let status = response.status();
    match status {
        StatusCode::OK => Ok(response),
        StatusCode::NOT_FOUND => Err(Problem::new(Kind::NotFound)),
        // It is not this client's limit, so it is no 429.
        StatusCode::TOO_MANY_REQUESTS => {
            let wait = wait_of(response.headers()).unwrap_or(DEFAULT_WAIT);
            Err(Problem::new(Kind::Unavailable).with_retry_after(wait))
        }
        status => {
            let code = i64::from(status.as_u16());
            Err(Problem::new(Kind::UpstreamError)
                .with_development_detail("upstream_status", code)
                .with_source(format!("the upstream answered {status}")))
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a date means nothing without today's"
)]
fn wait_of(headers: &HeaderMap) -> Option<Duration> {
    let wait = retry_after(headers, SystemTime::now())?;
    Some(wait.min(MAX_WAIT))
}

/// What the upstream is asked for, on behalf of a request.
#[derive(Debug)]
pub(crate) struct Call {
    pub(super) headers: HeaderMap,
    pub(super) path: String,
}

impl Call {
    /// A call with the fields of the request that are the upstream's business.
    pub(crate) fn new(path: String, request: &Request<Body>) -> Self {
        let mut headers = request.headers().clone();
        FIELDS.retain(&mut headers);
        VIA.append_to(&mut headers, request.version());
        if let Some(id) = request.extensions().get::<CorrelationId>() {
            headers.insert(&X_CORRELATION_ID, id.header_value().clone());
        }
        Self { headers, path }
    }

    /// A call with fields that an earlier one was made with.
    pub(crate) const fn with_headers(path: String, headers: HeaderMap) -> Self {
        Self { headers, path }
    }

    /// The fields, for further calls on behalf of the same request.
    pub(crate) fn into_headers(self) -> HeaderMap {
        self.headers
    }
}

/// The most of an upstream's JSON that is kept in memory.
const MAX_JSON: usize = 1024 * 1024;
/// How much longer than for the head of a response is waited for all of it, unless it is a stream.
const TOTAL_TIMEOUTS: u32 = 3;
const DEFAULT_WAIT: Duration = Duration::from_secs(1);
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Credentials are for us. The call is another request than the client's: without its body, and with a
/// response that is read whole.
static FIELDS: LazyLock<RequestFields> = LazyLock::new(|| {
    let fields = RequestFields::new()
        .without_credentials()
        .without_content()
        .without_conditions()
        .deny(&header::ACCEPT_ENCODING);
    OWN.iter().cloned().fold(fields, RequestFields::allow)
});

/// What clients of this API send that no standard names.
static OWN: [HeaderName; 2] = [
    HeaderName::from_static("x-tenant"),
    HeaderName::from_static("x-third"),
];

static VIA: LazyLock<Via> = LazyLock::new(Via::default);
static X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
