//! Tells operators of clients that are not current.

use crate::version_gate::Judgement;

/// At the level of client errors; the version is told where it is one, and so cannot forge a line.
pub(crate) fn judged(judgement: &Judgement<'_>) {
    tracing::debug!(
        verdict = judgement.verdict().name(),
        refused = judgement.is_refused(),
        platform = judgement.platform(),
        client_version = judgement.client(),
        "client version"
    );
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::{Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    use crate::logged::logged as logged_meanwhile;
    use crate::version_gate::{SemVer, VersionGateLayer};

    /// The lines that are logged for a client of this version.
    fn logged(version: &'static str) -> Vec<String> {
        let minimum: SemVer = "1.2.0".parse().unwrap();
        let service = VersionGateLayer::new(minimum).layer(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(String::new()))
        }));
        let request = Request::get("/").header("x-client-version", version);
        logged_meanwhile(|| {
            block_on(service.oneshot(request.body(()).unwrap())).unwrap();
        })
    }

    #[test]
    fn a_client_that_is_turned_away_is_logged_with_its_version() {
        let lines = logged("1.1.9");

        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        for said in ["DEBUG", "outdated", "refused=true", "\"1.1.9\""] {
            assert!(line.contains(said), "{said}: {line}");
        }
    }

    #[test]
    fn nothing_that_is_no_version_is_logged_as_one() {
        let lines = logged("1.1.9 level=ERROR");

        assert!(lines[0].contains("malformed"), "{lines:?}");
        assert!(!lines[0].contains("1.1.9"), "{lines:?}");
    }

    #[test]
    fn a_current_client_is_not_logged() {
        assert_eq!(logged("1.2.0"), [""; 0]);
    }
}
