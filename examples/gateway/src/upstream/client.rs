use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Empty, Limited};
use serde_json::value::RawValue;
use tower::{ServiceBuilder, ServiceExt};
use tower_edge::client::correlation_id::{PropagateCorrelationId, PropagateCorrelationIdLayer};
use tower_edge::client::decode::{RemoteProblem, decode};
use tower_edge::driver::EdgeService;
use tower_edge::envelope::problem_of;
use tower_edge::http_client::{HttpClient, IncomingBody};
use tower_edge::timeout::{TimeoutBody, Timeouts, UpstreamTimeout, UpstreamTimeoutLayer};
use tower_edge::{Kind, Problem};

use super::{UpstreamFields, simulator};
use crate::flags::Flags;

/// A client of the upstream, with limits on its time and on the calls in flight.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    base: Arc<str>,
    client: Client,
    /// Nothing answers here: what the simulator has for `refused`.
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
                let (base, refused) = simulator::start().await?;
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

    /// The JSON that the upstream answers with.
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

    /// The answer of the upstream as it comes, with the fields that describe its body.
    pub(crate) async fn stream(
        &self,
        path: &str,
        fields: UpstreamFields,
    ) -> Result<Response<UpstreamBody>, Problem> {
        let mut response = self.call(path, fields, Some(self.streamed)).await?;
        let described = std::mem::take(response.headers_mut());
        for name in [header::CACHE_CONTROL, header::CONTENT_TYPE] {
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
        let response = decode(response.map_err(problem_of)?).await;
        let response = response.map_err(of_remote)?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        let source = format!("the upstream responded with {}", response.status());
        Err(Problem::new(Kind::UpstreamError).with_source(source))
    }
}

/// What an error of the upstream means to the client, who has not asked the upstream but us.
fn of_remote(remote: RemoteProblem) -> Problem {
    let (problem, status) = (Problem::from(&remote), remote.status());
    let problem = match status {
        StatusCode::NOT_FOUND => Problem::new(Kind::NotFound),
        StatusCode::TOO_MANY_REQUESTS => problem,
        // The time limit of this client.
        _ if problem.facts().is_some() => problem,
        _ => Problem::new(Kind::UpstreamError)
            .with_development_detail("upstream_status", status.as_u16()),
    };
    problem.with_source(remote)
}

/// The most of an upstream's JSON that is kept in memory.
const MAX_JSON: usize = 1024 * 1024;
/// How much longer than for the head of a response is waited for all of it, unless it is a stream.
const TOTAL_TIMEOUTS: u32 = 3;
