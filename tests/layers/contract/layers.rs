//! The table of layers, with settings that let [`request`] through.

use std::time::Duration;

use http::Request;
use tower_edge::client::deadline::PropagateDeadlineLayer;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::deadline::TimeoutHeader;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::rate_limit::{ApiKey, Limit, MemoryStore, Quota, RateLimitLayer};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::version_gate::{SemVer, VersionGateLayer};

use crate::contract::store::TestStore;

/// These layers as one. In a tuple, since an `Edge` has a `layer` method of its own.
macro_rules! edge {
    ($($layer:expr),*) => {
        (tower_edge::Edge::new()$(.layer($layer))*,)
    };
}

/// Repeats the block for every layer, with the layer and its name for messages.
macro_rules! each_layer {
    (|$name:ident, $layer:ident| $block:block) => {
        each_gate!(|$name, $layer| $block);
        {
            let ($name, $layer) = ("envelope", $crate::contract::layers::envelope());
            $block
        }
        {
            use $crate::contract::layers::*;

            let ($name, $layer) = (
                "edge",
                edge!(
                    correlation_id(),
                    envelope(),
                    version_gate(),
                    rate_limit_now(),
                    upstream_timeout()
                ),
            );
            $block
        }
    };
}

/// Repeats the block for every layer that keeps the errors of the inner service: all but the envelope.
macro_rules! each_gate {
    (|$name:ident, $layer:ident| $block:block) => {
        each_lean_gate!(|$name, $layer| $block);
        {
            let ($name, $layer) = (
                "rate limit, in memory",
                $crate::contract::layers::rate_limit_in_memory(),
            );
            $block
        }
        {
            use $crate::contract::layers::*;

            let ($name, $layer) = (
                "edge, in memory",
                edge!(
                    correlation_id(),
                    version_gate(),
                    rate_limit_in_memory(),
                    upstream_timeout()
                ),
            );
            $block
        }
        {
            let ($name, $layer) = ("rate limit", $crate::contract::layers::rate_limit_now());
            $block
        }
        {
            let ($name, $layer) = (
                "rate limit, later",
                $crate::contract::layers::rate_limit_later(),
            );
            $block
        }
        {
            use $crate::contract::layers::*;

            let ($name, $layer) = (
                "edge without an envelope, later",
                edge!(
                    correlation_id(),
                    version_gate(),
                    rate_limit_later(),
                    upstream_timeout()
                ),
            );
            $block
        }
    };
}

/// Repeats the block for every gate that asks no `Clone` of the inner service.
macro_rules! each_lean_gate {
    (|$name:ident, $layer:ident| $block:block) => {{
        let ($name, $layer) = ("correlation id", $crate::contract::layers::correlation_id());
        $block
    }
    {
        let ($name, $layer) = (
            "correlation id in the response's extensions",
            $crate::contract::layers::correlation_id().with_response_extension(),
        );
        $block
    }
    {
        let ($name, $layer) = ("version gate", $crate::contract::layers::version_gate());
        $block
    }
    {
        let ($name, $layer) = (
            "request body timeout",
            $crate::contract::any_body::AnyBodyLayer::new(),
        );
        $block
    }
    {
        let ($name, $layer) = (
            "upstream timeout",
            $crate::contract::layers::upstream_timeout(),
        );
        $block
    }
    {
        let ($name, $layer) = (
            "propagate deadline",
            $crate::contract::layers::propagate_deadline(),
        );
        $block
    }
    {
        use $crate::contract::layers::*;

        let ($name, $layer) = (
            "edge without a rate limit",
            edge!(correlation_id(), version_gate(), upstream_timeout()),
        );
        $block
    }};
}

pub(crate) fn correlation_id() -> CorrelationIdLayer {
    CorrelationIdLayer::new()
}

pub(crate) fn envelope() -> EnvelopeLayer {
    EnvelopeLayer::new(ProblemDetails)
}

pub(crate) const fn propagate_deadline() -> PropagateDeadlineLayer {
    PropagateDeadlineLayer::new(TimeoutHeader::GrpcTimeout)
}

pub(crate) fn rate_limit(store: TestStore) -> RateLimitLayer<TestStore> {
    RateLimitLayer::new(plenty()).with_store(store)
}

pub(crate) fn rate_limit_in_memory() -> RateLimitLayer<MemoryStore> {
    RateLimitLayer::new(plenty()).with_store(MemoryStore::new(64))
}

pub(crate) fn rate_limit_later() -> RateLimitLayer<TestStore> {
    rate_limit(TestStore::later(TestStore::ALLOWED))
}

pub(crate) fn rate_limit_now() -> RateLimitLayer<TestStore> {
    rate_limit(TestStore::now(TestStore::ALLOWED))
}

pub(crate) fn upstream_timeout() -> UpstreamTimeoutLayer {
    UpstreamTimeoutLayer::new(Duration::from_secs(1))
}

pub(crate) fn version_gate() -> VersionGateLayer<SemVer> {
    VersionGateLayer::new("1.2.0".parse().unwrap())
}

fn plenty() -> Limit {
    Limit::new(Quota::per_minute(1000), ApiKey)
}

/// A request that every layer looks at and lets through.
pub(crate) fn request<B>(body: B) -> Request<B> {
    Request::get("/")
        .header("x-api-key", "pk_test_ok")
        .header("x-client-version", "1.2.0")
        .body(body)
        .unwrap()
}
