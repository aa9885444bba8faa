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

#[cfg(test)]
mod tests {
    use tower_edge_core::Kind;

    use super::*;

    #[test]
    fn the_list_has_all_kinds_in_their_order() {
        let kinds: Vec<_> = Kind::ALL.iter().map(|kind| format!("{kind:?}")).collect();

        assert_eq!(KINDS.as_slice(), kinds);
    }
}
