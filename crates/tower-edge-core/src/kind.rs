use std::fmt;

use http::StatusCode;

use crate::GrpcCode;

/// Makes from one table: the enum of kinds, its names, statuses, gRPC codes and titles.
macro_rules! kinds {
    ($(
        $(#[$doc:meta])*
        $kind:ident = $status:literal, $grpc:ident, $name:literal, $title:literal $(, within $parent:ident)?;
    )*) => {
        /// What went wrong, in the field's words.
        ///
        /// Every kind has a default HTTP status and a gRPC code, and every 4xx or 5xx status has a
        /// kind ([`Kind::from_status`]). A [`Format`](crate::Format) may choose another status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All kinds, in the order of their statuses.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The default status of a problem of this kind.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$kind => const { status($status) },)* }
            }

            /// The gRPC status code.
            ///
            /// It follows the meaning of the kind. gRPC's own table for HTTP statuses is
            /// [for clients only](https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md).
            #[must_use]
            pub const fn grpc_code(self) -> GrpcCode {
                match self { $(Self::$kind => GrpcCode::$grpc,)* }
            }

            /// The name in lower snake case, such as `not_found`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// The name in upper snake case, such as `NOT_FOUND`.
            #[must_use]
            pub const fn upper_name(self) -> &'static str {
                match self {
                    $(Self::$kind => {
                        const BYTES: [u8; $name.len()] = upper($name);
                        const NAME: &str = text(&BYTES);
                        NAME
                    })*
                }
            }

            /// A short summary for people, the same for every problem of the kind.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)* }
            }

            /// The more general kind that this one is a special case of. A catalogue without a row for this kind uses
            /// that of the parent.
            #[must_use]
            pub const fn parent(self) -> Option<Self> {
                match self {
                    $($(Self::$kind => Some(Self::$parent),)?)*
                    _ => None,
                }
            }
        }
    };
}

/// The name in upper case. `LENGTH` is the length of the name.
const fn upper<const LENGTH: usize>(name: &str) -> [u8; LENGTH] {
    let mut upper = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        upper[at] = name.as_bytes()[at].to_ascii_uppercase();
        at += 1;
    }
    upper
}

/// `http` takes every number of three digits.
const fn status(number: u16) -> StatusCode {
    match StatusCode::from_u16(number) {
        Ok(status) => status,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

const fn text(name: &'static [u8]) -> &'static str {
    match str::from_utf8(name) {
        Ok(name) => name,
        Err(_) => "",
    }
}

kinds! {
    /// The server cannot understand the request, such as broken JSON.
    BadRequest = 400, InvalidArgument, "bad_request", "Bad Request";
    /// The client's version has an invalid format.
    VersionMalformed = 400, InvalidArgument, "invalid_version_format", "Invalid Version Format", within BadRequest;
    /// The service does not support the requested version of the API or protocol.
    VersionUnsupported = 400, InvalidArgument, "unsupported_version", "Unsupported Version", within BadRequest;
    /// The client's version is newer than the newest that the service supports.
    VersionTooNew = 400, FailedPrecondition, "version_too_new", "Client Version Too New", within BadRequest;
    /// The request has no credentials, or they are not valid.
    Unauthenticated = 401, Unauthenticated, "unauthenticated", "Unauthorized";
    /// The caller has to pay first.
    PaymentRequired = 402, FailedPrecondition, "payment_required", "Payment Required";
    /// The caller is known and may not do this.
    PermissionDenied = 403, PermissionDenied, "permission_denied", "Forbidden";
    /// There is no such resource.
    NotFound = 404, NotFound, "not_found", "Not Found";
    /// No route serves this path.
    RouteNotFound = 404, Unimplemented, "route_not_found", "Not Found", within NotFound;
    /// The resource exists and does not support the method.
    MethodNotAllowed = 405, Unimplemented, "method_not_allowed", "Method Not Allowed";
    /// No representation satisfies the client's `Accept` fields.
    NotAcceptable = 406, InvalidArgument, "not_acceptable", "Not Acceptable";
    /// The client took too long to send its request.
    RequestTimeout = 408, DeadlineExceeded, "request_timeout", "Request Timeout";
    /// The request conflicts with the state of the resource.
    Conflict = 409, Aborted, "conflict", "Conflict";
    /// The resource to be created exists already.
    AlreadyExists = 409, AlreadyExists, "already_exists", "Already Exists", within Conflict;
    /// The resource existed and does not any more.
    Gone = 410, NotFound, "gone", "Gone";
    /// The request has to state its length.
    LengthRequired = 411, InvalidArgument, "length_required", "Length Required";
    /// A condition of the request does not hold.
    PreconditionFailed = 412, FailedPrecondition, "precondition_failed", "Precondition Failed";
    /// The content is larger than the server accepts.
    ContentTooLarge = 413, ResourceExhausted, "content_too_large", "Content Too Large";
    /// The target is longer than the server accepts.
    UriTooLong = 414, InvalidArgument, "uri_too_long", "URI Too Long";
    /// The resource does not accept content of this type.
    UnsupportedMediaType = 415, InvalidArgument, "unsupported_media_type", "Unsupported Media Type";
    /// The resource has no such range.
    RangeNotSatisfiable = 416, OutOfRange, "range_not_satisfiable", "Range Not Satisfiable";
    /// The server understands the request, and some of its values are not valid.
    Validation = 422, InvalidArgument, "validation_error", "Unprocessable Content";
    /// The request costs more than is ever allowed at once.
    CostExceedsLimit = 422, InvalidArgument, "too_costly", "Too Costly", within Validation;
    /// The resource is locked.
    Locked = 423, FailedPrecondition, "locked", "Locked";
    /// The server needs another protocol, which `Upgrade` names.
    UpgradeRequired = 426, FailedPrecondition, "upgrade_required", "Upgrade Required";
    /// The service no longer supports the client's version.
    VersionOutdated = 426, FailedPrecondition, "version_outdated", "Upgrade Required", within UpgradeRequired;
    /// The request has to be conditional.
    PreconditionRequired = 428, FailedPrecondition, "precondition_required", "Precondition Required";
    /// Too many requests in a short time.
    RateLimited = 429, ResourceExhausted, "rate_limited", "Too Many Requests";
    /// The allowance of a billing period is used up.
    QuotaExceeded = 429, ResourceExhausted, "quota_exceeded", "Quota Exceeded", within RateLimited;
    /// The header fields are larger than the server accepts.
    HeaderFieldsTooLarge = 431, InvalidArgument, "header_fields_too_large", "Request Header Fields Too Large";
    /// A legal demand forbids the response.
    LegallyRestricted = 451, PermissionDenied, "legally_restricted", "Unavailable For Legal Reasons";
    /// The caller has gone, or has cancelled the request. HTTP does not define 499; gRPC's table and nginx use it.
    Cancelled = 499, Cancelled, "cancelled", "Client Closed Request";
    /// The server met a condition that it did not expect.
    Internal = 500, Internal, "internal_error", "Internal Server Error";
    /// The server does not implement what the request needs.
    NotImplemented = 501, Unimplemented, "not_implemented", "Not Implemented";
    /// The upstream responded with an error, or its response broke off.
    UpstreamError = 502, Unavailable, "upstream_error", "Bad Gateway";
    /// The service cannot connect to the upstream.
    UpstreamUnreachable = 502, Unavailable, "upstream_unreachable", "Bad Gateway", within UpstreamError;
    /// The service cannot handle requests now.
    Unavailable = 503, Unavailable, "service_unavailable", "Service Unavailable";
    /// The service sheds load.
    Overloaded = 503, ResourceExhausted, "overloaded", "Service Unavailable", within Unavailable;
    /// A gateway did not get a response in time. It is the kind of a bare 504.
    GatewayTimeout = 504, DeadlineExceeded, "gateway_timeout", "Gateway Timeout";
    /// The upstream did not respond in time.
    UpstreamTimeout = 504, DeadlineExceeded, "upstream_timeout", "Gateway Timeout", within GatewayTimeout;
}

impl Kind {
    /// The kind of a bare status. `None` for a status that is not an error.
    ///
    /// A 4xx or 5xx status without a kind of its own counts as the x00 of its class
    /// ([RFC 9110, section 15](https://www.rfc-editor.org/rfc/rfc9110#section-15-4)).
    ///
    /// ```
    /// use http::StatusCode;
    /// use tower_edge_core::Kind;
    ///
    /// assert_eq!(Kind::from_status(StatusCode::NOT_FOUND), Some(Kind::NotFound));
    /// assert_eq!(Kind::from_status(StatusCode::IM_A_TEAPOT), Some(Kind::BadRequest));
    /// assert_eq!(Kind::from_status(StatusCode::OK), None);
    /// ```
    #[must_use]
    pub fn from_status(status: StatusCode) -> Option<Self> {
        let named = || {
            Self::ALL
                .iter()
                .copied()
                .find(|kind| kind.status() == status && kind.parent().is_none())
        };
        if status.is_client_error() {
            Some(named().unwrap_or(Self::BadRequest))
        } else if status.is_server_error() {
            Some(named().unwrap_or(Self::Internal))
        } else {
            None
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_error_status_has_a_kind() {
        for code in 100..=599 {
            let status = StatusCode::from_u16(code).unwrap();

            assert_eq!(Kind::from_status(status).is_some(), code >= 400, "{code}");
        }
    }

    #[test]
    fn names_are_unique() {
        let names: HashSet<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();

        assert_eq!(names.len(), Kind::ALL.len());
    }

    #[test]
    fn the_upper_name_is_the_name_in_upper_case() {
        for kind in Kind::ALL {
            assert_eq!(kind.upper_name(), kind.name().to_ascii_uppercase());
        }
    }

    #[test]
    fn a_status_gives_the_kind_that_has_it() {
        for kind in Kind::ALL.iter().filter(|kind| kind.parent().is_none()) {
            assert_eq!(Kind::from_status(kind.status()), Some(*kind));
        }
    }

    #[test]
    fn a_broader_kind_has_the_same_status() {
        for kind in Kind::ALL {
            if let Some(parent) = kind.parent() {
                assert_eq!(kind.status(), parent.status(), "{kind}");
            }
        }
    }

    #[test]
    fn a_bare_status_is_the_kind_that_says_the_least() {
        let bare = |code| Kind::from_status(StatusCode::from_u16(code).unwrap());

        assert_eq!(bare(404), Some(Kind::NotFound));
        assert_eq!(bare(426), Some(Kind::UpgradeRequired));
        assert_eq!(bare(499), Some(Kind::Cancelled));
    }

    // RFC 9110, section 15: an unrecognized status is equivalent to the x00 of its class.
    #[test]
    fn an_unknown_status_is_the_x00_of_its_class() {
        let unknown = |code| Kind::from_status(StatusCode::from_u16(code).unwrap());

        assert_eq!(unknown(498), Some(Kind::BadRequest));
        assert_eq!(unknown(599), Some(Kind::Internal));
    }
}
