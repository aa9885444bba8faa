use crate::errors::unknown;

/// The variants of `Kind`.
pub(crate) const KINDS: [&str; 40] = [
    "BadRequest",
    "VersionMalformed",
    "VersionUnsupported",
    "VersionTooNew",
    "Unauthenticated",
    "PaymentRequired",
    "PermissionDenied",
    "NotFound",
    "RouteNotFound",
    "MethodNotAllowed",
    "NotAcceptable",
    "RequestTimeout",
    "Conflict",
    "AlreadyExists",
    "Gone",
    "LengthRequired",
    "PreconditionFailed",
    "ContentTooLarge",
    "UriTooLong",
    "UnsupportedMediaType",
    "RangeNotSatisfiable",
    "Validation",
    "CostExceedsLimit",
    "Locked",
    "UpgradeRequired",
    "VersionOutdated",
    "PreconditionRequired",
    "RateLimited",
    "QuotaExceeded",
    "HeaderFieldsTooLarge",
    "LegallyRestricted",
    "Cancelled",
    "Internal",
    "NotImplemented",
    "UpstreamError",
    "UpstreamUnreachable",
    "Unavailable",
    "Overloaded",
    "GatewayTimeout",
    "UpstreamTimeout",
];

/// Whether the status of this kind is a 5xx. Those stand last in the list.
pub(crate) fn is_server_error(name: &str) -> bool {
    let mut server_errors = KINDS.iter().skip_while(|kind| **kind != "Internal");
    server_errors.any(|kind| *kind == name)
}

/// The kind for this name: its own name in another case, or that of HTTP or gRPC.
pub(crate) fn meant(name: &str) -> Option<&'static str> {
    let letters = |name: &str| name.replace('_', "").to_lowercase();
    let name = letters(name);
    let own = KINDS.iter().find(|kind| letters(kind) == name);
    let other = || NAMES.iter().find(|(other, _)| letters(other) == name);
    own.copied().or_else(|| other().map(|(_, kind)| *kind))
}

/// The message about an unknown kind.
pub(crate) fn unknown_kind(name: &str) -> String {
    match meant(name) {
        Some(kind) => format!("unknown kind `{name}`; did you mean `{kind}`?"),
        None => unknown("kind ", name, &KINDS),
    }
}

/// The [reason phrases](https://www.rfc-editor.org/rfc/rfc9110#section-15.5) of HTTP, present and earlier, and the
/// [codes of gRPC](https://grpc.io/docs/guides/status-codes/), if the kind has another name.
const NAMES: [(&str, &str); 21] = [
    ("BadGateway", "UpstreamError"),
    ("ClientClosedRequest", "Cancelled"),
    ("DeadlineExceeded", "GatewayTimeout"),
    ("FailedPrecondition", "PreconditionFailed"),
    ("Forbidden", "PermissionDenied"),
    ("InternalServerError", "Internal"),
    ("InvalidArgument", "Validation"),
    ("OutOfRange", "Validation"),
    ("PayloadTooLarge", "ContentTooLarge"),
    ("RequestEntityTooLarge", "ContentTooLarge"),
    ("RequestHeaderFieldsTooLarge", "HeaderFieldsTooLarge"),
    ("RequestUriTooLong", "UriTooLong"),
    ("RequestedRangeNotSatisfiable", "RangeNotSatisfiable"),
    ("ResourceExhausted", "RateLimited"),
    ("ServiceUnavailable", "Unavailable"),
    ("TooManyRequests", "RateLimited"),
    ("Unauthorized", "Unauthenticated"),
    ("UnavailableForLegalReasons", "LegallyRestricted"),
    ("Unimplemented", "NotImplemented"),
    ("UnprocessableContent", "Validation"),
    ("UnprocessableEntity", "Validation"),
];

#[cfg(test)]
mod tests {
    use tower_edge_core::Kind;

    use super::*;

    #[test]
    fn the_list_has_all_kinds_in_their_order() {
        let kinds: Vec<_> = Kind::ALL.iter().map(|kind| format!("{kind:?}")).collect();

        assert_eq!(KINDS.as_slice(), kinds);
    }

    #[test]
    fn a_server_error_is_a_kind_of_a_5xx() {
        for kind in Kind::ALL {
            let is_5xx = kind.status().is_server_error();

            assert_eq!(is_server_error(&format!("{kind:?}")), is_5xx, "{kind}");
        }
    }

    #[test]
    fn the_reason_phrase_of_a_status_means_a_kind_of_it() {
        for kind in Kind::ALL {
            let Some(phrase) = kind.status().canonical_reason() else {
                continue;
            };
            let name = phrase.replace([' ', '-'], "");

            let meant = meant(&name).unwrap_or_else(|| panic!("no kind for {phrase}"));

            let meant = Kind::ALL.iter().find(|kind| format!("{kind:?}") == meant);
            assert_eq!(
                meant.map(|kind| kind.status()),
                Some(kind.status()),
                "{phrase}"
            );
        }
    }

    #[test]
    fn each_name_of_a_kind_means_one_that_exists() {
        for (name, kind) in NAMES {
            assert!(KINDS.contains(&kind) && !KINDS.contains(&name), "{name}");
        }
        assert_eq!(meant("route_not_found"), Some("RouteNotFound"));
        assert_eq!(meant("teapot"), None);
    }
}
