//! The rejection of axum's feature `ws`.

use axum::extract::ws::rejection::WebSocketUpgradeRejection;

use crate::axum::rejection::from_rejection;
use crate::{Kind, Problem};

/// A handshake that does not follow [RFC 6455, section 4.2.1](https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1),
/// or another method than that of the handshake.
///
/// A connection that cannot be upgraded, such as one of HTTP/1.0, is a bad request. A 426 is for a client whose
/// version is outdated, and would have to name a protocol in `Upgrade`
/// ([RFC 9110, section 15.5.22](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.22)).
impl From<WebSocketUpgradeRejection> for Problem {
    fn from(rejection: WebSocketUpgradeRejection) -> Self {
        if let WebSocketUpgradeRejection::ConnectionNotUpgradable(_) = rejection {
            return Self::new(Kind::BadRequest).with_source(rejection);
        }
        from_rejection(rejection.status(), rejection)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use axum::extract::{FromRequestParts, WebSocketUpgrade};
    use http::Request;
    use http::request::Builder;
    use tokio_test::block_on;

    use super::*;

    fn rejected(request: Builder) -> Problem {
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        block_on(WebSocketUpgrade::from_request_parts(&mut parts, &()))
            .unwrap_err()
            .into()
    }

    fn handshake() -> Builder {
        Request::get("/")
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
    }

    #[test]
    fn a_handshake_that_is_not_whole_is_a_bad_request() {
        for request in [Request::get("/"), handshake()] {
            let problem = rejected(request);

            assert_eq!(
                (problem.kind(), problem.status().as_u16()),
                (Kind::BadRequest, 400)
            );
            assert!(problem.source().unwrap().is::<WebSocketUpgradeRejection>());
        }
    }

    #[test]
    fn another_method_is_not_allowed() {
        assert_eq!(rejected(Request::post("/")).kind(), Kind::MethodNotAllowed);
    }

    // RFC 9110, section 15.5.22: a 426 has to name a protocol in `Upgrade`.
    #[test]
    fn a_connection_that_cannot_be_upgraded_is_no_outdated_client() {
        let request = handshake().header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");

        let problem = rejected(request);

        assert_eq!(
            (problem.kind(), problem.status().as_u16()),
            (Kind::BadRequest, 400)
        );
    }
}
