//! Logs and counts problems, with the causes that no client receives.

#[cfg(feature = "tracing")]
use std::sync::atomic::{AtomicBool, Ordering};

use http::StatusCode;
#[cfg(feature = "tracing")]
use tower_edge_core::{CorrelationId, Level};

use super::count::{Problems, Series};
use crate::envelope::ProblemEvent;

/// Whether a server error is logged or counted.
pub(crate) fn is_enabled() -> bool {
    #[cfg(feature = "tracing")]
    {
        cfg!(feature = "metrics") || tracing::enabled!(target: TARGET, tracing::Level::ERROR)
    }
    #[cfg(not(feature = "tracing"))]
    {
        cfg!(feature = "metrics")
    }
}

/// Logs that no client receives the text of a bare response. A handler may have written it for the client.
pub(crate) fn record_replaced_text(status: StatusCode) {
    #[cfg(feature = "tracing")]
    tracing::debug!(
        target: TARGET,
        {
            http.response.status_code = status.as_u16(),
        },
        "the text of a bare response was replaced; clients receive the message of a `Problem`, and the text of a 4xx by \
         `EnvelopeLayer::with_client_error_text(true)`"
    );
    let _ = status;
}

/// Logs once that a JSON-RPC format does not know the ids of its requests, since no layer finds them.
#[cold]
pub(crate) fn missing_json_rpc_ids() {
    #[cfg(feature = "tracing")]
    {
        static IS_LOGGED: AtomicBool = AtomicBool::new(false);

        if !IS_LOGGED.load(Ordering::Relaxed)
            && tracing::enabled!(target: TARGET, tracing::Level::WARN)
            && !IS_LOGGED.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                target: TARGET,
                "a JSON-RPC format does not know the ids of its requests, so that its errors have no id, and \
                 notifications get a body: put a `JsonRpcIdLayer` outside of the `EnvelopeLayer`; on an axum `Router`, \
                 the last `.layer()` is the outermost"
            );
        }
    }
}

/// Each callsite has one fixed level, so each level needs a callsite.
#[cfg(feature = "tracing")]
macro_rules! log {
    ($level:ident, $event:ident) => {
        tracing::$level!(
            target: TARGET,
            {
                correlation.id = $event.correlation_id().map(CorrelationId::as_str),
                error.id = $event.error_id().map(tracing::field::display),
                problem.key = $event.key(),
                http.response.status_code = $event.status().as_u16(),
                problem.format = $event.format(),
                problem.in_body = $event.in_body().then_some(true),
                problem.facts = $event.problem().facts().map(tracing::field::display),
                exception.message = Some($event.causes())
                    .filter(|causes| !causes.is_empty())
                    .map(tracing::field::display),
                problem.internal_details =
                    $event.problem().internal_details().map(tracing::field::display),
            },
            "{}",
            if $event.status().is_server_error() {
                "server error"
            } else {
                "client error"
            }
        )
    };
}

/// Logs a problem at its level, and counts it.
pub(crate) fn record_problem(event: &ProblemEvent<'_>, counted: &Series<Problems>) {
    #[cfg(feature = "tracing")]
    match event.level() {
        Level::Debug => log!(debug, event),
        Level::Info => log!(info, event),
        Level::Warn => log!(warn, event),
        _ => log!(error, event),
    }
    counted.increment(&[event.key(), event.status().as_str(), event.format()]);
}

#[cfg(feature = "tracing")]
const TARGET: &str = "tower_edge::envelope";

#[cfg(feature = "tracing")]
#[cfg(test)]
mod log_tests {
    use std::convert::Infallible;
    use std::error::Error;
    use std::{fmt, io};

    use bytes::Bytes;
    use http::{Request, Response};
    use http_body::Frame;
    use http_body_util::{BodyExt, Full, StreamBody};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_edge_core::{CorrelationId, Definition, Kind, Level, Problem};
    use tower_layer::Layer;

    use crate::envelope::EnvelopeLayer;
    use crate::telemetry::test_support::log::logged;
    use tower_edge_formats::{MediaNest, routermcp};

    #[derive(Debug)]
    struct Outer(io::Error);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("no response")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    fn request() -> Request<()> {
        let mut request = Request::new(());
        request.extensions_mut().insert(CorrelationId::from_u128(7));
        request
    }

    fn fail_with(problem: impl Fn() -> Problem) -> String {
        let service = EnvelopeLayer::new(MediaNest).layer(service_fn(|_: Request<()>| {
            std::future::ready(Err::<Response<String>, _>(problem()))
        }));
        let response = block_on(service.oneshot(request())).unwrap();
        let body = block_on(response.into_body().collect()).unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn a_server_error_is_logged_once_with_its_ids_and_all_causes() {
        let mut body = String::new();

        let lines = logged(|| {
            let cause = || Outer(io::Error::other("reset"));
            body = fail_with(|| {
                let problem = Problem::new(Kind::Internal).with_internal_detail("shard", "a\n");
                problem.with_source(cause())
            });
        });

        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        let id = body.split_once("\"error_id\":\"").unwrap().1;
        let id = id.split('"').next().unwrap();
        for part in [
            "ERROR",
            "server error",
            "correlation.id=\"00000000000000000000000000000007\"",
            &format!("error.id={id}"),
            "problem.key=\"internal_error\"",
            "http.response.status_code=500",
            "problem.format=\"medianest\"",
            "exception.message=no response: reset",
            "problem.internal_details=shard=\"a\\n\"",
        ] {
            assert!(line.contains(part), "{part}: {line}");
        }
    }

    #[test]
    fn problems_of_all_levels_have_the_target_of_the_layer() {
        static DEBUG: Definition = Definition::new("a", Kind::Conflict).with_level(Level::Debug);
        static INFO: Definition = Definition::new("b", Kind::Conflict).with_level(Level::Info);
        static WARN: Definition = Definition::new("c", Kind::Conflict).with_level(Level::Warn);
        static ERROR: Definition = Definition::new("d", Kind::Conflict).with_level(Level::Error);

        let lines = logged(|| {
            for definition in [&DEBUG, &INFO, &WARN, &ERROR] {
                fail_with(|| Problem::from(definition));
            }
        });

        let targets: Vec<_> = lines
            .iter()
            .filter_map(|line| line.split_once(": "))
            .collect();
        for (target, level) in targets.iter().zip(["DEBUG", " INFO", " WARN", "ERROR"]) {
            assert_eq!(target.0, format!("{level} tower_edge::envelope"));
        }
        assert_eq!(targets.len(), 4, "{lines:?}");
    }

    #[test]
    fn client_errors_are_for_debugging_unless_their_definition_is_louder() {
        static LOUD: Definition =
            Definition::new("denied", Kind::PermissionDenied).with_level(Level::Warn);

        let lines = logged(|| {
            fail_with(|| Problem::new(Kind::NotFound));
            fail_with(|| Problem::from(&LOUD));
        });

        let [quiet, loud] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert!(
            quiet.contains("DEBUG") && quiet.contains("client error"),
            "{quiet}"
        );
        assert!(
            loud.contains("WARN") && loud.contains("\"denied\""),
            "{loud}"
        );
    }

    #[test]
    fn a_text_that_no_client_receives_is_logged() {
        let respond = |text: &'static str, kept| {
            let layer = EnvelopeLayer::new(MediaNest).with_client_error_text(kept);
            let service = layer.layer(service_fn(move |_: Request<()>| {
                let mut response = Response::new(Full::<Bytes>::from(text));
                *response.status_mut() = http::StatusCode::BAD_REQUEST;
                std::future::ready(Ok::<_, Infallible>(response))
            }));
            block_on(service.oneshot(request())).unwrap();
        };

        let lines = logged(|| {
            respond("your sku is wrong", false);
            respond("your sku is wrong", true);
            respond("", false);
        });

        let about: Vec<_> = lines
            .iter()
            .filter(|line| line.contains("with_client_error_text"))
            .collect();
        let [line] = about.as_slice() else {
            panic!("{lines:?}")
        };
        assert!(
            line.contains("DEBUG") && line.contains("http.response.status_code=400"),
            "{line}"
        );
        assert!(!line.contains("sku"), "{line}");
    }

    /// What is logged at level ERROR of an inner service that responds so.
    fn errors_of<B>(respond: impl Fn() -> Response<B>) -> Vec<String>
    where
        B: http_body::Body<Data = Bytes, Error: std::fmt::Debug>,
    {
        let lines = logged(|| {
            let service =
                service_fn(|_: Request<()>| std::future::ready(Ok::<_, Infallible>(respond())));
            let service = EnvelopeLayer::new(MediaNest).layer(service);
            block_on(service.oneshot(request())).unwrap();
        });
        lines
            .into_iter()
            .filter(|line| line.contains("ERROR"))
            .collect()
    }

    #[test]
    fn the_message_of_a_server_error_is_logged_before_its_sources() {
        let with_message = |kind, message: &'static str| {
            let problem = Problem::new(kind).with_message(message);
            problem.with_source(io::Error::other("reset"))
        };
        let lines = logged(|| {
            fail_with(|| with_message(Kind::Unavailable, "no stock"));
            fail_with(|| with_message(Kind::Unavailable, "no stock: reset"));
            fail_with(|| with_message(Kind::Conflict, "no stock"));
        });

        let logged = lines.iter().map(|line| {
            let (_, causes) = line.split_once("exception.message=").unwrap();
            causes
                .split_once(" problem.")
                .map_or(causes, |(causes, _)| causes)
        });
        let expected = ["no stock: reset", "no stock: reset", "reset"];
        assert_eq!(logged.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_text_of_a_bare_server_error_is_logged_in_one_line() {
        let respond = |text: String| {
            let response = Response::builder()
                .status(500)
                .header("content-type", "text/plain");
            response.body(Full::<Bytes>::from(text)).unwrap()
        };

        let lines = errors_of(|| respond("the pool\nis empty".to_owned()));
        let long = errors_of(|| respond("x".repeat(99_999)));

        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert!(
            line.contains(r"exception.message=the pool\nis empty"),
            "{line}"
        );
        assert!(
            long[0].len() < 2 * Problem::MAX_MESSAGE,
            "{}",
            long[0].len()
        );
        // One that is not ready at once is not waited for.
        let late = errors_of(|| {
            let body = StreamBody::new(futures_util::stream::pending::<io::Result<Frame<Bytes>>>());
            Response::builder().status(500).body(body).unwrap()
        });
        assert!(!late[0].contains("exception.message"), "{late:?}");
    }

    #[test]
    fn a_json_rpc_format_without_the_ids_of_its_requests_is_logged_once() {
        let respond = |method: http::Method| {
            let service =
                EnvelopeLayer::new(routermcp::RPC).layer(service_fn(async |_: Request<()>| {
                    Ok::<_, Infallible>(Response::new(String::new()))
                }));
            let request = Request::builder().method(method).body(()).unwrap();
            block_on(service.oneshot(request)).unwrap();
        };

        assert_eq!(logged(|| respond(http::Method::GET)), [""; 0]);
        let lines = logged(|| {
            respond(http::Method::POST);
            respond(http::Method::POST);
        });

        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert!(
            line.contains(" WARN tower_edge::envelope: ")
                && line.contains("put a `JsonRpcIdLayer` outside"),
            "{line}"
        );
    }

    #[test]
    fn a_body_that_breaks_off_is_logged_once() {
        let lines = logged(|| {
            let service = EnvelopeLayer::new(MediaNest).layer(service_fn(async |_: Request<()>| {
                let broken = Full::new(Bytes::from_static(b"a"))
                    .map_frame(|_| -> http_body::Frame<Bytes> { panic!("secret") });
                Ok::<_, Infallible>(Response::new(broken))
            }));
            let response = block_on(service.oneshot(request())).unwrap();
            assert!(block_on(response.into_body().collect()).is_err());
        });

        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert!(line.contains("problem.in_body=true"), "{line}");
        assert!(line.contains("0000007\""), "{line}");
    }
}

#[cfg(feature = "metrics")]
#[cfg(test)]
mod count_tests {
    use http::{Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_edge_core::{Kind, Problem};
    use tower_layer::Layer;

    use crate::envelope::EnvelopeLayer;
    use crate::telemetry::test_support::count::Counted;
    use tower_edge_formats::MediaNest;

    #[test]
    fn each_problem_is_counted_under_what_is_written_in_code() {
        let service = EnvelopeLayer::new(MediaNest).layer(service_fn(|request: Request<()>| {
            let problem = Problem::new(Kind::NotFound).with_message(request.uri().to_string());
            std::future::ready(Err::<Response<String>, _>(problem))
        }));

        let counted = Counted::meanwhile(|| {
            let request = Request::get("/anything/at/all").body(()).unwrap();
            block_on(service.oneshot(request)).unwrap();
        });

        assert_eq!(
            counted,
            ["tower_edge_problems_total key=not_found status=404 format=medianest 1"]
        );
    }
}
