use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use http::HeaderName;
use tower_edge_core::http_ext::SingleHeader;
use tower_edge_core::{
    AcceptedIds, CorrelationId, GenerateId, Head, InvalidCorrelationId, TraceParent,
};

use super::Ids;
use crate::telemetry::count::{ReplacedIds, Series};
use crate::telemetry::span::SpanHook;

/// The settings of a layer.
#[derive(Clone)]
pub(crate) struct Config {
    pub(super) accepted: AcceptedIds,
    pub(super) aliases: Cow<'static, [HeaderName]>,
    pub(super) counted: Series<ReplacedIds>,
    pub(super) generator: Option<Arc<Generator>>,
    /// The field that responses have.
    pub(super) header: HeaderName,
    /// The fields that are read, in this order: the header, then the other aliases.
    names: Cow<'static, [HeaderName]>,
    pub(super) on_invalid: Option<Arc<OnInvalid>>,
    pub(super) response_extension: bool,
    pub(super) rewrites_request: bool,
    pub(crate) span_hook: SpanHook,
    pub(super) trace_id: bool,
    /// Without it, every request is trusted.
    pub(super) trusts: Option<Arc<Trusts>>,
}

type Generator = dyn GenerateId + Send + Sync;
type Trusts = dyn Fn(Head<'_>) -> bool + Send + Sync;
type OnInvalid =
    dyn Fn(Head<'_>, &HeaderName, InvalidCorrelationId) -> Option<CorrelationId> + Send + Sync;

/// The first field whose id is not valid, and why.
pub(super) type Invalid<'a> = (&'a HeaderName, InvalidCorrelationId);

impl Config {
    /// The first valid id, in the order of the names, and the first that is not valid.
    #[inline]
    pub(super) fn received(
        &self,
        request: Head<'_>,
    ) -> (Option<CorrelationId>, Option<Invalid<'_>>) {
        let mut invalid = None;
        for name in self.names.iter() {
            let parsed = match request.field(name) {
                SingleHeader::Missing => continue,
                SingleHeader::One(value) => self.accepted.parse(value),
                SingleHeader::Many => Err(InvalidCorrelationId::Repeated),
            };
            match parsed {
                Ok(id) => return (Some(id), invalid),
                Err(reason) => invalid = invalid.or(Some((name, reason))),
            }
        }
        let parent = self
            .trace_id
            .then(|| TraceParent::from_headers(request.headers));
        let id = parent
            .flatten()
            .map(|parent| CorrelationId::from_u128(parent.trace_id()));
        (id, invalid)
    }

    #[inline]
    pub(super) fn trusts(&self, request: Head<'_>) -> bool {
        let trusts = self.trusts.as_ref();
        trusts.is_none_or(|trusts| trusts(request))
    }

    pub(super) fn names(&self) -> &[HeaderName] {
        &self.names
    }

    pub(super) fn set_names(&mut self) {
        let others = self.aliases.iter().filter(|name| **name != self.header);
        self.names = std::iter::once(&self.header)
            .chain(others)
            .cloned()
            .collect();
    }

    pub(super) fn generate(&self, now: Instant) -> CorrelationId {
        match &self.generator {
            None => Ids::hex_at(now),
            Some(generator) => generator.generate(),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            accepted: AcceptedIds::Default,
            aliases: Cow::Borrowed(&NAMES),
            counted: Series::new(),
            generator: None,
            header: X_CORRELATION_ID,
            names: Cow::Borrowed(&NAMES),
            on_invalid: None,
            response_extension: false,
            rewrites_request: false,
            span_hook: SpanHook::default(),
            trace_id: false,
            trusts: None,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("accepted", &self.accepted)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

static NAMES: [HeaderName; 2] = [X_CORRELATION_ID, HeaderName::from_static("x-request-id")];

const X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
