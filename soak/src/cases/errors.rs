/// The status and the code of an error under each prefix, in the order of [`Prefix::ALL`](crate::cases::Prefix::ALL);
/// problem details have a title in place of the code.
pub(crate) type Errors = [(u16, &'static str); 6];

pub(super) const LIMITED: Errors = [
    (429, "Too Many Requests"),
    (429, "rate_limited"),
    (429, "429"),
    (429, "RATE_LIMITED"),
    (429, "RATE_LIMIT_EXCEEDED"),
    (429, "rate_limit_exceeded"),
];

pub(super) const OUTDATED: Errors = [
    (426, "Upgrade Required"),
    (426, "client_outdated"),
    (426, "VERSION_OUTDATED"),
    (426, "VERSION_OUTDATED"),
    (426, "VERSION_OUTDATED"),
    (426, "version_outdated"),
];

pub(super) const NO_KEY: Errors = [
    (401, "Unauthorized"),
    (401, "unauthorized"),
    (401, "401"),
    (401, "UNAUTHORIZED"),
    (401, "UNAUTHORIZED"),
    (401, "unauthorized"),
];

pub(super) const DENIED: Errors = [
    (403, "Forbidden"),
    (403, "forbidden"),
    (403, "403"),
    (403, "FORBIDDEN"),
    (403, "ACCESS_DENIED"),
    (403, "forbidden"),
];

pub(super) const NOT_FOUND: Errors = [
    (404, "Not Found"),
    (404, "not_found"),
    (404, "404"),
    (404, "NOT_FOUND"),
    (404, "NOT_FOUND"),
    (404, "not_found"),
];

pub(super) const METHOD: Errors = [
    (405, "Method Not Allowed"),
    (405, "invalid_request"),
    (405, "405"),
    (405, "METHOD_NOT_ALLOWED"),
    (405, "INVALID_INPUT"),
    (405, "method_not_allowed"),
];

pub(super) const TOO_LARGE: Errors = [
    (413, "Content Too Large"),
    (413, "content_too_large"),
    (400, "400"),
    (413, "CONTENT_TOO_LARGE"),
    (413, "CONTENT_TOO_LARGE"),
    (413, "content_too_large"),
];

pub(super) const MEDIA_TYPE: Errors = [
    (415, "Unsupported Media Type"),
    (400, "invalid_request"),
    (400, "400"),
    (415, "UNSUPPORTED_MEDIA_TYPE"),
    (415, "UNSUPPORTED_MEDIA_TYPE"),
    (415, "unsupported_media_type"),
];

pub(super) const MALFORMED: Errors = [
    (400, "Bad Request"),
    (400, "invalid_request"),
    (400, "400"),
    (400, "BAD_REQUEST"),
    (400, "INVALID_INPUT"),
    (400, "bad_request"),
];

pub(super) const INVALID: Errors = [
    (422, "Unprocessable Content"),
    (422, "validation_error"),
    (400, "400"),
    (400, "INVALID_INPUT"),
    (400, "VALIDATION_ERROR"),
    (400, "validation_error"),
];

pub(super) const FAILED: Errors = [
    (502, "Bad Gateway"),
    (502, "mcp_error"),
    (502, "502"),
    (502, "INTERNAL_ERROR"),
    (502, "EXTERNAL_SERVICE_ERROR"),
    (502, "upstream_error"),
];

pub(super) const UNREACHABLE: Errors = [
    (502, "Bad Gateway"),
    (502, "mcp_unreachable"),
    (503, "503"),
    (502, "INTERNAL_ERROR"),
    (503, "PLEX_UNREACHABLE"),
    (502, "upstream_unreachable"),
];

pub(super) const UNAVAILABLE: Errors = [
    (503, "Service Unavailable"),
    (503, "service_unavailable"),
    (503, "503"),
    (503, "INTERNAL_ERROR"),
    (503, "SERVICE_UNAVAILABLE"),
    (503, "service_unavailable"),
];

pub(super) const TIMEOUT: Errors = [
    (504, "Gateway Timeout"),
    (504, "mcp_timeout"),
    (504, "504"),
    (504, "INTERNAL_ERROR"),
    (504, "PLEX_TIMEOUT"),
    (504, "upstream_timeout"),
];
