//! Tells operators what limits refuse.

use tower_edge_core::rate_limit::{KeyHash, Policy, Standing};

/// Whether a denial would be logged at all.
pub(crate) fn listens() -> bool {
    tracing::enabled!(tracing::Level::DEBUG)
}

/// Whether a mistake would be logged at all.
pub(crate) fn warns() -> bool {
    tracing::enabled!(tracing::Level::WARN)
}

/// A denial, for debugging: there are many under a flood. The key is told as the store's hash of it.
pub(crate) fn decided(policy: &Policy, key: KeyHash, standing: &Standing, is_binding: bool) {
    if !standing.is_allowed() {
        tracing::debug!(
            policy = &**policy.name(),
            key = %key,
            wait = ?standing.wait(),
            is_shadow = !is_binding,
            "rate limit exceeded"
        );
    }
}

/// What looks like a mistake in how limits are set up.
pub(crate) fn suspicious(mistake: &str) {
    tracing::warn!("{mistake}");
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::num::NonZeroU32;
    use std::time::Duration;

    use http::{Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_edge_core::rate_limit::{KeyOf, Policy};
    use tower_edge_core::{Head, PeerAddress};
    use tower_layer::Layer;

    use crate::logged::{logged, logged_at};
    use crate::rate_limit::{ApiKey, ClientAddress, Limits, MemoryStore, RateLimitLayer};

    fn layer() -> RateLimitLayer<MemoryStore> {
        let policy = Policy::new("hour", NonZeroU32::MIN, Duration::from_secs(3600)).unwrap();
        RateLimitLayer::new(MemoryStore::new(64), Limits::one(policy, ApiKey))
    }

    #[test]
    fn a_denial_is_told_without_the_key() {
        let service = layer().layer(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(()))
        }));

        let lines = logged(|| {
            for _ in 0..2 {
                let request = Request::get("/").header("x-api-key", "pk_live_secret");
                let request = request.body(()).unwrap();
                block_on(service.clone().oneshot(request)).unwrap();
            }
        });

        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        for said in [
            "DEBUG",
            "rate limit exceeded",
            "policy=\"hour\"",
            "key=0000",
            "is_shadow=false",
        ] {
            assert!(line.contains(said), "{said}: {line}");
        }
        assert!(!line.contains("secret"), "{line}");
    }

    #[test]
    fn a_limit_that_is_mounted_twice_is_told_of_once() {
        let layer = layer();
        let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
        let between = self::layer();
        let service = layer.layer(between.layer(layer.layer(handler)));

        let lines = logged_at(tracing::Level::WARN, || {
            for key in ["a", "b"] {
                let request = Request::get("/").header("x-api-key", key).body(()).unwrap();
                block_on(service.clone().oneshot(request)).unwrap();
            }
        });

        let told = lines
            .iter()
            .filter(|line| line.contains("mount the layer once"));
        assert_eq!(told.count(), 1, "{lines:?}");
    }

    #[test]
    fn limits_that_are_built_again_and_again_are_told_of() {
        let lines = logged_at(tracing::Level::WARN, || {
            for _ in 0..1100 {
                layer();
            }
        });

        let told = lines.iter().filter(|line| line.contains("build it once"));
        assert_eq!(told.count(), 1, "{lines:?}");
    }

    #[test]
    fn a_forwarded_address_that_nobody_is_trusted_with_is_told_of_once() {
        let lines = logged_at(tracing::Level::WARN, || {
            for _ in 0..2 {
                let peer = PeerAddress("192.0.2.1:1".parse().unwrap());
                let request = Request::get("/").extension(peer);
                let request = request
                    .header("x-forwarded-for", "198.51.100.7")
                    .body(())
                    .unwrap();
                ClientAddress::new().key(Head::from(&request));
            }
        });

        let told = lines
            .iter()
            .filter(|line| line.contains("no proxy is trusted"));
        assert_eq!(told.count(), 1, "{lines:?}");
    }
}
