//! The errors that layers reject with, for the reference of an API.

use super::{Catalog, Definition};
use crate::messages::sentence;
use crate::{Kind, catalog};

/// The errors of the layers and of the envelope, a row for each kind, so that a reference is complete.
///
/// ```
/// use tower_edge_core::{Definition, Kind, LAYERS, catalog};
///
/// catalog! {
///     static SHOP;
///     /// The account has ordered more than its plan allows in a minute.
///     #[api(RateLimited, message = "Not so fast", fix = "Wait for the seconds in `Retry-After`")]
///     const SLOW_DOWN;
/// }
/// catalog! {
///     static ERRORS = [SHOP, LAYERS];
/// }
///
/// let row = |kind| ERRORS.by_kind(kind).map(Definition::key);
/// assert_eq!(row(Kind::RateLimited), Some("slow_down"));
/// assert_eq!(row(Kind::UpstreamTimeout), Some("upstream_timeout"));
/// ```
///
/// A row of the API for the same kind, or for its [parent](Kind::parent), replaces the layers' row. A row with `default
/// = false` replaces it in the reference only, and only if key, kind, code and status are the same. Merging these rows
/// changes no response of a format that takes the user's catalogue: they have the key, title, message and status that
/// such a format writes without a row.
///
/// The rows list the details that all formats write under one name. They do not list a detail that each format names
/// itself, such as the wait.
pub static LAYERS: Catalog = {
    const ROWS: &[Definition] = &rows::<{ DESCRIBED.len() }>();
    Catalog::at_compile_time(Catalog::new(ROWS))
};

const fn rows<const LENGTH: usize>() -> [Definition; LENGTH] {
    let mut rows = [Definition::new("", Kind::Internal); LENGTH];
    let mut at = 0;
    while let Some(row) = DESCRIBED.get(at) {
        let (message, title) = (sentence(row.kind()), row.kind().title());
        rows[at] = row.with_message(message).with_title(title).as_fallback();
        at += 1;
    }
    rows
}

catalog! {
    static DESCRIBED;

    /// The request breaks a rule of HTTP, or its path or its content cannot be read, such as JSON with a syntax error.
    #[api(BadRequest, fix = "Correct the request. The same request fails again.")]
    const _;
    /// The request names no version of the client, or one of another form.
    #[api(VersionMalformed, fix = "Send the version of the client in the form that the service expects.")]
    const _;
    /// The request names no version of the API or of the protocol, or one that the service does not support.
    #[api(VersionUnsupported, fix = "Use one of the versions in `supported`.",
        details(supported?: array(string), requested?: string))]
    const _;
    /// The client is newer than the newest version that the service supports.
    #[api(VersionTooNew, fix = "Use an older version of the client, or wait until the service is updated.",
        details(client_version?: string, min_version?: string, server_version?: string, update_url?: string))]
    const _;
    /// The request has no credentials, which the limit on requests counts by, or they are not valid.
    #[api(Unauthenticated, fix = "Send valid credentials, as the reference describes.")]
    const _;
    /// No route of the service has this path.
    #[api(RouteNotFound, fix = "Check the path, and the version in it, against the reference of the API.")]
    const _;
    /// The path exists, and does not support the method of the request.
    #[api(MethodNotAllowed, fix = "Use a method that the `Allow` field of the response names.")]
    const _;
    /// The service has no representation of a type that the `Accept` field of the request allows.
    #[api(NotAcceptable, fix = "Accept a type that the reference names, or any by `*/*`.")]
    const _;
    /// The content of the request arrived too slowly, or paused for too long.
    #[api(RequestTimeout, fix = "Send the request again, over a better connection or with less content.")]
    const _;
    /// The content of the request is larger than the service accepts.
    #[api(ContentTooLarge, fix = "Send less content, or send it in several requests.")]
    const _;
    /// The target of the request, its path and its query, is longer than the service accepts.
    #[api(UriTooLong, fix = "Shorten the path and the query; send long values in the content.")]
    const _;
    /// The `Content-Type` field is missing, or names a type that this route does not accept.
    #[api(UnsupportedMediaType, fix = "Send the content in a type that the reference names, with its `Content-Type`.")]
    const _;
    /// The request can be read, and values in it are not valid.
    #[api(Validation, fix = "Correct the fields that the error names. The same request fails again.")]
    const _;
    /// The request alone costs more than the limit ever allows at once, so that waiting does not help.
    #[api(CostExceedsLimit, fix = "Ask for less at once, such as a smaller page or batch.")]
    const _;
    /// This route is for another protocol, such as WebSocket.
    #[api(UpgradeRequired, fix = "Use the protocol that the `Upgrade` field of the response names.")]
    const _;
    /// The client is older than the oldest version that the service supports, or its platform or build is not supported
    /// any more.
    #[api(VersionOutdated, fix = "Update the client to `min_version` or later; `update_url` is where to get it.",
        details(client_version?: string, min_version?: string, server_version?: string, update_url?: string))]
    const _;
    /// The client has sent more requests than the limit allows in a short time.
    #[api(RateLimited, fix = "Wait for the seconds in `Retry-After`, and send requests at a lower rate.")]
    const _;
    /// The client has used up what it may use in this period, such as a day or a month.
    #[api(QuotaExceeded, fix = "Wait for the next period, which `Retry-After` says, or ask for a larger quota.")]
    const _;
    /// The header fields of the request are larger than the service accepts.
    #[api(HeaderFieldsTooLarge, fix = "Send fewer and shorter header fields; large cookies are a common cause.")]
    const _;
    /// The client closed the connection or cancelled the request before the response.
    #[api(Cancelled, fix = "None is needed if the client meant to; otherwise give the request more time.")]
    const _;
    /// The service failed in a way that it did not expect. The request may or may not have taken effect.
    #[api(Internal, fix = "Try again later. If the error persists, report its `error_id`.")]
    const _;
    /// The request needs a feature of HTTP that the service does not implement.
    #[api(NotImplemented, fix = "Send the request without that feature, such as an uncommon transfer coding.")]
    const _;
    /// A service behind this one responded with an error, or its response broke off.
    #[api(UpstreamError, fix = "Try again later. If the error persists, report it.")]
    const _;
    /// This service could not connect to a service behind it.
    #[api(UpstreamUnreachable, fix = "Try again later. If the error persists, report it.")]
    const _;
    /// The service cannot take requests now, as during a deployment or an outage.
    #[api(Unavailable, fix = "Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.")]
    const _;
    /// The service has more requests than it can serve, and sheds some.
    #[api(Overloaded, fix = "Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.")]
    const _;
    /// A gateway on the way did not get a response in time. The request may have taken effect.
    #[api(GatewayTimeout, fix = "Try again with backoff, if the request may be repeated.")]
    const _;
    /// A service behind this one did not respond in time. The request may have taken effect.
    #[api(UpstreamTimeout, fix = "Try again with backoff, if the request may be repeated, or give it more time.")]
    const _;
}
