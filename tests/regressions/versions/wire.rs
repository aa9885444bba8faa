//! Which fields describe a version, and to which client.

use http::Version as HttpVersion;
use tower_edge::Problem;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::problem::catalog;
use tower_edge::version_gate::OnUnknown;
use tower_edge_formats::Plexichat;

use super::gated::{by, gate, of, policy, responded, staged};
use crate::response::{FORMATS, call};

// RFC 9110, section 15.5.22: a 426 must have an Upgrade; section 7.8: Connection names it.
// https://www.rfc-editor.org/rfc/rfc9110#section-15.5.22
// RFC 9113, section 8.2.2: neither is in HTTP/2.
// https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2
#[test]
fn a_426_has_an_upgrade_on_http_1_1_and_never_on_http_2() {
    for (name, format) in FORMATS {
        for (version, upgrade) in [
            (HttpVersion::HTTP_10, ""),
            (HttpVersion::HTTP_11, "client/1.2.0"),
            (HttpVersion::HTTP_2, ""),
            (HttpVersion::HTTP_3, ""),
        ] {
            let mut request = of("1.1.9");
            *request.version_mut() = version;

            let response = responded(format, &gate(), request);

            // JSON-RPC says it in a 200.
            let upgrade = if response.status == 426 { upgrade } else { "" };
            assert_eq!(response.list("upgrade"), upgrade, "{name} {version:?}");
            let connection = if upgrade.is_empty() { "" } else { "upgrade" };
            assert_eq!(
                response.list("connection"),
                connection,
                "{name} {version:?}"
            );
        }
    }
}

#[test]
fn a_row_of_the_catalogue_sets_another_status_without_upgrade() {
    catalog! {
        static ERRORS;
        #[api(VersionOutdated, status = 410)]
        const _;
    }
    let format = ProblemDetails.with_catalog(&ERRORS);

    let response = responded(format.clone(), &gate(), of("1.1.9"));

    assert_eq!(response.status, 410);
    assert_eq!(response.list("upgrade"), "");
    assert_eq!(response.list("connection"), "");
    assert!(response.text().contains("\"status\":410"), "{response:?}");
    assert!(
        response.text().contains("no longer supported"),
        "{response:?}"
    );
    assert_eq!(responded(format, &gate(), of("one")).status, 400);
}

#[test]
fn a_426_says_that_it_is_ours() {
    for (name, format) in FORMATS {
        let response = responded(format, &gate(), of("1.1.9"));

        let is_sent = response
            .text()
            .contains("Client version 1.1.9 is no longer supported");
        assert!(is_sent, "{name}: {response:?}");
    }
    let response = responded(Plexichat, &staged("a.1.0-1"), of("a.0.9-1"));
    let body = r#"{"error":{"code":"VERSION_OUTDATED","message":"Client version a.0.9-1 is no longer supported","client_version":"a.0.9-1","min_version":"a.1.0-1"}}"#;
    assert_eq!(response.text(), body);
}

#[test]
fn what_is_no_version_is_echoed_nowhere() {
    let long = "7".repeat(65);
    for (name, format) in FORMATS {
        for bad in [
            "<script>",
            "1.2.0\",\"admin\":true,\"x\":\"",
            "1.2.0\tlevel=ERROR",
            "0x7f000001",
            &long,
        ] {
            let response = responded(format, &gate(), of(bad));

            assert_eq!(
                response.extension::<Problem>().message(),
                Some("Client version has an invalid format")
            );
            let all = format!("{} {:?}", response.text(), response.headers);
            assert!(!all.contains(bad), "{name} {bad}: {all}");
            assert!(
                response.extension::<Problem>().facts().is_none(),
                "{name} {bad}"
            );
        }
    }
    let response = responded(Plexichat, &staged("a.1.0-1"), of("<script>"));
    assert_eq!(response.status, 400);
    assert!(
        response.text().contains("INVALID_VERSION_FORMAT"),
        "{response:?}"
    );
}

#[test]
fn no_cache_serves_a_refusal_to_others() {
    for (name, format) in FORMATS {
        for bad in ["1.1.9", "one"] {
            let response = responded(format, &gate(), of(bad));

            assert_eq!(response.list("cache-control"), "no-store", "{name} {bad}");
            let vary = response.list("vary");
            assert!(vary.contains("x-client-version"), "{name} {bad}: {vary}");
        }
    }
}

// The status of gRPC for what the client has to mend before it tries again:
// https://grpc.io/docs/guides/status-codes/
#[test]
fn a_grpc_client_gets_its_status_in_grpc() {
    let refuse = by(policy().with_missing(OnUnknown::Reject));
    for (version, code) in [(Some("1.1.9"), "9"), (Some("one"), "3"), (None, "3")] {
        let mut request = call("application/grpc");
        *request.version_mut() = HttpVersion::HTTP_2;
        if let Some(version) = version {
            let version = version.try_into().unwrap();
            request.headers_mut().insert("x-client-version", version);
        }

        let response = responded(ProblemDetails, &refuse, request);

        assert_eq!(response.status, 200, "{version:?}");
        assert_eq!(response.list("grpc-status"), code, "{version:?}");
        assert_eq!(
            (response.text(), response.list("upgrade").as_str()),
            ("", "")
        );
    }
}
