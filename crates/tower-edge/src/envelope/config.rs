use std::fmt;
use std::sync::Arc;

use tower_edge_core::http_ext::Protocol;
use tower_edge_core::{
    BoxError, Context, CorrelationId, Exposure, Format, Head, JsonRpcIds, Problem, TraceParent,
    contain_panic,
};

use super::classify::{Classify, problem_by};
use super::format::{Grpc, GrpcWeb, GrpcWebText};
use super::json_rpc_id::RequestIds;
use super::{FormatSelector, ProblemEvent, SelectedFormat, UpstreamErrorPolicy};
use crate::matched_path::Route;
use crate::telemetry;
use crate::telemetry::count::{Problems, Series};

/// The settings of the layer.
#[derive(Clone)]
pub(super) struct Config {
    pub(super) classify: Option<Arc<Classify>>,
    counted: Series<Problems>,
    /// The domain of the reasons that gRPC clients receive.
    pub(super) domain: &'static str,
    /// Whether the text of a bare 4xx is the message of its problem.
    pub(super) keeps_text: bool,
    pub(super) exposure: Exposure,
    /// The format of all requests for which there is no selector, or for which it selects none.
    pub(super) format: Arc<dyn Format>,
    pub(super) on_problem: Option<Arc<Hook>>,
    pub(super) selector: Option<Arc<dyn FormatSelector>>,
    pub(super) upstream_errors: UpstreamErrorPolicy,
    /// The data that the layer's own format wants.
    pub(super) wants: Wants,
}

type Hook = dyn Fn(&ProblemEvent<'_>) + Send + Sync;

impl Config {
    pub(super) fn new(format: Arc<dyn Format>) -> Self {
        Self {
            classify: None,
            counted: Series::new(),
            domain: "",
            keeps_text: false,
            exposure: Exposure::Production,
            wants: Wants::of(&*format),
            format,
            on_problem: None,
            selector: None,
            upstream_errors: UpstreamErrorPolicy::PassThrough,
        }
    }

    /// The route of a request, if an observer receives it.
    pub(super) fn route_of(&self, head: Head<'_>) -> Option<Route> {
        let hook = self.on_problem.as_ref();
        hook.and_then(|_| Route::new(head.extensions))
    }

    /// Whether a body that fails needs data of the request. Otherwise the handler allocates nothing.
    pub(super) fn observes_bodies(&self) -> bool {
        self.classify.is_some() || self.emits()
    }

    /// Converts an error to a problem.
    #[cold]
    pub(super) fn problem_of(&self, error: BoxError) -> Problem {
        problem_by(error, self.classify.as_deref())
    }

    /// Whether anybody receives the event of a problem.
    pub(super) fn emits(&self) -> bool {
        self.on_problem.is_some() || telemetry::envelope::is_enabled()
    }

    /// Emits the event. It is made only if there is an observer.
    pub(super) fn emit<'a>(&self, event: impl FnOnce() -> ProblemEvent<'a>) {
        if !self.emits() {
            return;
        }
        let event = event();
        telemetry::envelope::record_problem(&event, &self.counted);
        if let Some(hook) = &self.on_problem {
            hook(&event);
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("domain", &self.domain)
            .field("exposure", &self.exposure)
            .field("format", &self.format.name())
            .field("upstream_errors", &self.upstream_errors)
            .finish_non_exhaustive()
    }
}

/// The data that a format needs besides what all formats need.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wants {
    json_rpc_ids: bool,
    trace_parent: bool,
}

impl Wants {
    pub(super) fn of(format: &dyn Format) -> Self {
        Self {
            json_rpc_ids: format.wants_json_rpc_ids(),
            trace_parent: format.wants_trace_parent(),
        }
    }

    pub(super) const fn nothing(self) -> bool {
        !(self.json_rpc_ids | self.trace_parent)
    }
}

/// The wanted data of a request. It is boxed, since most formats want none.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) ids: RequestIds,
    route: Option<Route>,
    trace_parent: Option<TraceParent>,
}

impl Wanted {
    #[cold]
    pub(super) fn of(
        head: Head<'_>,
        wants: Wants,
        protocol: Protocol,
        route: Option<Route>,
    ) -> Box<Self> {
        let ids = wants.json_rpc_ids && protocol == Protocol::Http;
        let trace_parent = wants
            .trace_parent
            .then(|| TraceParent::from_headers(head.headers));
        Box::new(Self {
            ids: if ids {
                RequestIds::take(head)
            } else {
                RequestIds::default()
            },
            route,
            trace_parent: trace_parent.flatten(),
        })
    }
}

/// The data of a request that its response needs.
#[derive(Debug)]
pub(super) struct RequestInfo {
    pub(super) correlation_id: Option<CorrelationId>,
    pub(super) is_head: bool,
    pub(super) protocol: Protocol,
    pub(super) selection: Selection,
    pub(super) wanted: Option<Box<Wanted>>,
}

/// The format, unless it is the layer's own. It may panic when it is dropped.
#[derive(Debug)]
pub(super) struct Selection(pub(super) Option<SelectedFormat>);

impl Drop for Selection {
    #[inline]
    fn drop(&mut self) {
        if let Some(selected) = self.0.take() {
            contain_panic(|| drop(selected));
        }
    }
}

impl RequestInfo {
    /// The format of the errors. Protocols with errors of their own understand no other.
    pub(super) fn format<'a>(&'a self, config: &'a Config) -> &'a dyn Format {
        match self.protocol {
            Protocol::Grpc => &Grpc,
            Protocol::GrpcWeb => &GrpcWeb,
            Protocol::GrpcWebText => &GrpcWebText,
            _ => match &self.selection.0 {
                Some(selected) => selected.format(),
                None => &*config.format,
            },
        }
    }

    pub(super) fn route(&self) -> Option<&str> {
        self.wanted.as_ref()?.route.as_ref().map(Route::template)
    }

    pub(super) fn context<'a>(
        &'a self,
        config: &Config,
        ids: Option<&'a JsonRpcIds>,
    ) -> Context<'a> {
        Context::default()
            .with_correlation_id(self.correlation_id.as_ref())
            .with_domain(config.domain)
            .with_exposure(config.exposure)
            .with_json_rpc_ids(ids)
            .with_trace_parent(
                self.wanted
                    .as_ref()
                    .and_then(|wanted| wanted.trace_parent.as_ref()),
            )
    }
}
