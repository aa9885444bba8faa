use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use serde_json::value::RawValue;
use tower::{ServiceBuilder, ServiceExt};
use tower_edge::client::correlation_id::{PropagateCorrelationId, PropagateCorrelationIdLayer};
use tower_edge::client::decode::{RemoteProblem, decode_within};
use tower_edge::driver::EdgeService;
use tower_edge::envelope::problem_of;
use tower_edge::http_client::{HttpClient, IncomingBody};
use tower_edge::timeout::{TimeoutBody, Timeouts, UpstreamTimeout, UpstreamTimeoutLayer};
use tower_edge::{Kind, Problem};

use super::UpstreamFields;
use crate::flags::Flags;

/// A client of the upstream, with limits on its time and on the calls in flight.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    base: Arc<str>,
    client: Client,
    /// An address on which nothing listens: the simulator's for `refused`.
    refused: Option<Arc<str>>,
    /// The limits of a call whose body is passed on as it comes. It may take as long as it goes on.
    streamed: Timeouts,
}

type Client = PropagateCorrelationId<EdgeService<HttpClient<Empty<Bytes>>, UpstreamTimeout>>;
type UpstreamBody = TimeoutBody<IncomingBody>;

impl Upstream {
    /// The upstream of the flags, else a simulator inside this process.
    pub(crate) async fn start(flags: &Flags) -> io::Result<Self> {
        let (base, refused) = match &flags.upstream {
            Some(base) => (base.to_string(), None),
            None => {
                let (base, refused) = upstream_simulator::start().await?;
                (base, Some(refused.into()))
            }
        };
        let timeout = UpstreamTimeoutLayer::new(flags.timeout)
            .with_upstream("upstream")
            .with_idle(flags.timeout)
            .with_total(flags.timeout.saturating_mul(TOTAL_TIMEOUTS))
            .with_timeouts_by(Timeouts::from_request);
        let client = ServiceBuilder::new()
            .layer(PropagateCorrelationIdLayer::new())
            .layer(timeout)
            .service(HttpClient::new().with_max_in_flight(flags.max_upstream_calls));
        Ok(Self {
            base: base.trim_end_matches('/').into(),
            client,
            refused,
            streamed: Timeouts::new()
                .with_head(flags.timeout)
                .with_idle(flags.timeout),
        })
    }

    /// The JSON that the upstream responds with.
    pub(crate) async fn json(
        &self,
        path: &str,
        fields: UpstreamFields,
    ) -> Result<Box<RawValue>, Problem> {
        let response = self.call(path, fields, None).await?;
        let body = Limited::new(response.into_body(), MAX_JSON).collect().await;
        // A body that is too large, or no JSON, is the upstream's fault and not the client's.
        let body = body.map_err(|error| match problem_of(error) {
            problem if problem.kind() == Kind::UpstreamTimeout => problem,
            problem => Problem::new(Kind::UpstreamError).with_source(problem),
        })?;
        serde_json::from_slice(&body.to_bytes())
            .map_err(|error| Problem::new(Kind::UpstreamError).with_source(error))
    }

    /// The response of the upstream as it comes, with the fields that describe its body.
    pub(crate) async fn stream(
        &self,
        path: &str,
        fields: UpstreamFields,
    ) -> Result<Response<UpstreamBody>, Problem> {
        let mut response = self.call(path, fields, Some(self.streamed)).await?;
        let described = std::mem::take(response.headers_mut());
        for name in [CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE] {
            if let Some(value) = described.get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        Ok(response)
    }

    async fn call(
        &self,
        path: &str,
        UpstreamFields(fields): UpstreamFields,
        timeouts: Option<Timeouts>,
    ) -> Result<Response<UpstreamBody>, Problem> {
        let base = self.refused.as_deref().filter(|_| path == "refused");
        let uri = format!("{}/{path}", base.unwrap_or(&self.base));
        let request = Request::get(uri).body(Empty::new());
        let mut request =
            request.map_err(|error| Problem::new(Kind::Internal).with_source(error))?;
        *request.headers_mut() = fields;
        if let Some(timeouts) = timeouts {
            request.extensions_mut().insert(timeouts);
        }
        let response = self.client.clone().oneshot(request).await;
        let response = decode_within(response.map_err(problem_of)?, ERROR_TIME).await;
        let response = response.map_err(of_remote)?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        let source = format!("the upstream responded with {}", response.status());
        Err(Problem::new(Kind::UpstreamError).with_source(source))
    }
}

/// The client called us, not the upstream: a 401 of the upstream is no 401 of ours.
fn of_remote(remote: RemoteProblem) -> Problem {
    let (problem, status) = (Problem::from(&remote), remote.status());
    let kind = match status {
        StatusCode::NOT_FOUND => return Problem::new(Kind::NotFound).with_source(remote),
        StatusCode::TOO_MANY_REQUESTS => Kind::Unavailable,
        // Our own time limit ended the call: it stays a timeout.
        _ if problem.facts().is_some() => return problem.with_source(remote),
        _ => Kind::UpstreamError,
    };
    let wait = problem.retry_after().filter(|_| kind == Kind::Unavailable);
    let failed = Problem::new(kind).with_development_detail("upstream_status", status.as_u16());
    let failed = failed.with_source(remote);
    wait.into_iter().fold(failed, Problem::with_retry_after)
}

/// How long the text of an error, which is only logged, may hold the call's slot.
const ERROR_TIME: Duration = Duration::from_millis(100);
/// The most of an upstream's JSON that is kept in memory.
const MAX_JSON: usize = 1024 * 1024;
/// How much longer than for the head of a response is waited for all of it, unless it is a stream.
const TOTAL_TIMEOUTS: u32 = 3;
