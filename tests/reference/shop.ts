// The errors of the API of problem_details.
// tower-edge has written this file, with `Reference::to_typescript`: do not edit it.

/** An error in the format `problem_details`. */
export type ProblemDetailsError =
    | ProblemDetailsOutOfStock
    | ProblemDetailsNoSuchArticle
    | ProblemDetailsBadOrder
    | ProblemDetailsSlowDown
    | ProblemDetailsClosed
    | ProblemDetailsOldApp
    | ProblemDetailsFailed
    | ProblemDetailsHttpsShopExampleErrorsCode
    | ProblemDetailsBadRequest
    | ProblemDetailsInvalidVersionFormat
    | ProblemDetailsUnsupportedVersion
    | ProblemDetailsVersionTooNew
    | ProblemDetailsUnauthenticated
    | ProblemDetailsMethodNotAllowed
    | ProblemDetailsNotAcceptable
    | ProblemDetailsRequestTimeout
    | ProblemDetailsContentTooLarge
    | ProblemDetailsUriTooLong
    | ProblemDetailsUnsupportedMediaType
    | ProblemDetailsUpgradeRequired
    | ProblemDetailsHeaderFieldsTooLarge
    | ProblemDetailsCancelled
    | ProblemDetailsNotImplemented
    | ProblemDetailsUpstreamError
    | ProblemDetailsUpstreamUnreachable
    | ProblemDetailsGatewayTimeout
    | ProblemDetailsUpstreamTimeout;

/** A code of [`ProblemDetailsError`]. */
export type ProblemDetailsCode = ProblemDetailsError["type"];

/**
 * {sku} is out of stock.
 * Cause: Others were faster.
 * Fix: Order at most `left`.
 */
export type ProblemDetailsOutOfStock = {
  alternatives?: Array<string> | null;
  detail: string;
  is_reserved: boolean;
  labels: { [name: string]: unknown };
  left: number;
  note?: unknown;
  restocked_at?: string | null;
  /** What was ordered. */
  sku: string;
  status: 409;
  title: "Out of stock";
  type: "https://shop.example/errors/out_of_stock";
  weight: number;
};

/** No such article. */
export type ProblemDetailsNoSuchArticle = {
  detail: string;
  status: 404;
  title: "No such article";
  type: "https://shop.example/errors/no_such_article";
};

/** The order is not valid. */
export type ProblemDetailsBadOrder = {
  detail: string;
  errors?: Array<{
    detail: string;
    parameter?: string;
    pointer?: string;
    value?: string;
  }>;
  status: 422;
  title: "The order is not valid";
  type: "https://shop.example/errors/bad_order";
  "violated-policies"?: Array<string>;
};

/** Too many orders. */
export type ProblemDetailsSlowDown = {
  detail: string;
  retry_after?: number;
  status: 429;
  title: "Too many orders";
  type: "https://shop.example/errors/slow_down";
  "violated-policies"?: Array<string>;
};

/** The shop is closed. */
export type ProblemDetailsClosed = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 503;
  timeout_ms?: number;
  title: "The shop is closed";
  type: "https://shop.example/errors/closed";
};

/**
 * The app is too old.
 * @deprecated slow_down
 */
export type ProblemDetailsOldApp = {
  client_version?: string;
  detail: string;
  min_version?: string;
  server_version?: string;
  status: 426;
  title: "The app is too old";
  type: "https://shop.example/errors/old_app";
  update_url?: string;
};

/** The shop has failed. */
export type ProblemDetailsFailed = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 500;
  title: "The shop has failed";
  type: "https://shop.example/errors/failed";
};

/** code. */
export type ProblemDetailsHttpsShopExampleErrorsCode = {
  detail: string;
  status: 410;
  title: "code";
  type: "https://shop.example/errors/code";
};

/**
 * The request could not be understood.
 * Cause: The request breaks a rule of HTTP, or its path or its content cannot be read, such as JSON with a syntax error.
 * Fix: Correct the request. The same request fails again.
 */
export type ProblemDetailsBadRequest = {
  detail: string;
  errors?: Array<{
    detail: string;
    parameter?: string;
    pointer?: string;
    value?: string;
  }>;
  status: 400;
  title: "Bad Request";
  type: "https://shop.example/errors/bad_request";
};

/**
 * The client version has an invalid format.
 * Cause: The request names no version of the client, or one of another form.
 * Fix: Send the version of the client in the form that the service expects.
 */
export type ProblemDetailsInvalidVersionFormat = {
  detail: string;
  status: 400;
  title: "Invalid Version Format";
  type: "https://shop.example/errors/invalid_version_format";
};

/**
 * The requested version is not supported.
 * Cause: The request names no version of the API or of the protocol, or one that the service does not support.
 * Fix: Use one of the versions in `supported`.
 */
export type ProblemDetailsUnsupportedVersion = {
  detail: string;
  requested?: string | null;
  status: 400;
  supported?: Array<string> | null;
  title: "Unsupported Version";
  type: "https://shop.example/errors/unsupported_version";
};

/**
 * The client version is newer than this service.
 * Cause: The client is newer than the newest version that the service supports.
 * Fix: Use an older version of the client, or wait until the service is updated.
 */
export type ProblemDetailsVersionTooNew = {
  client_version?: string | null;
  detail: string;
  min_version?: string | null;
  server_version?: string | null;
  status: 400;
  title: "Client Version Too New";
  type: "https://shop.example/errors/version_too_new";
  update_url?: string | null;
};

/**
 * Valid credentials are required.
 * Cause: The request has no credentials, which the limit on requests counts by, or they are not valid.
 * Fix: Send valid credentials, as the reference describes.
 */
export type ProblemDetailsUnauthenticated = {
  detail: string;
  status: 401;
  title: "Unauthorized";
  type: "https://shop.example/errors/unauthenticated";
};

/**
 * The resource does not support this method.
 * Cause: The path exists, and does not support the method of the request.
 * Fix: Use a method that the `Allow` field of the response names.
 */
export type ProblemDetailsMethodNotAllowed = {
  detail: string;
  status: 405;
  title: "Method Not Allowed";
  type: "https://shop.example/errors/method_not_allowed";
};

/**
 * No representation satisfies the Accept fields of the request.
 * Cause: The service has no representation of a type that the `Accept` field of the request allows.
 * Fix: Accept a type that the reference names, or any by `*\/*`.
 */
export type ProblemDetailsNotAcceptable = {
  detail: string;
  status: 406;
  title: "Not Acceptable";
  type: "https://shop.example/errors/not_acceptable";
};

/**
 * The request took too long to arrive.
 * Cause: The content of the request arrived too slowly, or paused for too long.
 * Fix: Send the request again, over a better connection or with less content.
 */
export type ProblemDetailsRequestTimeout = {
  detail: string;
  retry_after?: number;
  status: 408;
  timeout_ms?: number;
  title: "Request Timeout";
  type: "https://shop.example/errors/request_timeout";
};

/**
 * The content of the request is too large.
 * Cause: The content of the request is larger than the service accepts.
 * Fix: Send less content, or send it in several requests.
 */
export type ProblemDetailsContentTooLarge = {
  detail: string;
  status: 413;
  title: "Content Too Large";
  type: "https://shop.example/errors/content_too_large";
};

/**
 * The target of the request is too long.
 * Cause: The target of the request, its path and its query, is longer than the service accepts.
 * Fix: Shorten the path and the query; send long values in the content.
 */
export type ProblemDetailsUriTooLong = {
  detail: string;
  status: 414;
  title: "URI Too Long";
  type: "https://shop.example/errors/uri_too_long";
};

/**
 * The content type of the request is not supported.
 * Cause: The `Content-Type` field is missing, or names a type that this route does not accept.
 * Fix: Send the content in a type that the reference names, with its `Content-Type`.
 */
export type ProblemDetailsUnsupportedMediaType = {
  detail: string;
  status: 415;
  title: "Unsupported Media Type";
  type: "https://shop.example/errors/unsupported_media_type";
};

/**
 * The server requires another protocol for this request.
 * Cause: This route is for another protocol, such as WebSocket.
 * Fix: Use the protocol that the `Upgrade` field of the response names.
 */
export type ProblemDetailsUpgradeRequired = {
  detail: string;
  status: 426;
  title: "Upgrade Required";
  type: "https://shop.example/errors/upgrade_required";
};

/**
 * The header fields of the request are too large.
 * Cause: The header fields of the request are larger than the service accepts.
 * Fix: Send fewer and shorter header fields; large cookies are a common cause.
 */
export type ProblemDetailsHeaderFieldsTooLarge = {
  detail: string;
  status: 431;
  title: "Request Header Fields Too Large";
  type: "https://shop.example/errors/header_fields_too_large";
};

/**
 * The request was cancelled.
 * Cause: The client closed the connection or cancelled the request before the response.
 * Fix: None is needed if the client meant to; otherwise give the request more time.
 */
export type ProblemDetailsCancelled = {
  detail: string;
  status: 499;
  title: "Client Closed Request";
  type: "https://shop.example/errors/cancelled";
};

/**
 * The service does not implement what the request needs.
 * Cause: The request needs a feature of HTTP that the service does not implement.
 * Fix: Send the request without that feature, such as an uncommon transfer coding.
 */
export type ProblemDetailsNotImplemented = {
  detail: string;
  error_id?: string;
  status: 501;
  title: "Not Implemented";
  type: "https://shop.example/errors/not_implemented";
};

/**
 * The upstream service failed.
 * Cause: A service behind this one responded with an error, or its response broke off.
 * Fix: Try again later. If the error persists, report it.
 */
export type ProblemDetailsUpstreamError = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 502;
  title: "Bad Gateway";
  type: "https://shop.example/errors/upstream_error";
};

/**
 * The upstream service could not be reached.
 * Cause: This service could not connect to a service behind it.
 * Fix: Try again later. If the error persists, report it.
 */
export type ProblemDetailsUpstreamUnreachable = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 502;
  title: "Bad Gateway";
  type: "https://shop.example/errors/upstream_unreachable";
};

/**
 * An upstream server did not respond in time.
 * Cause: A gateway on the way did not get a response in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated.
 */
export type ProblemDetailsGatewayTimeout = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 504;
  title: "Gateway Timeout";
  type: "https://shop.example/errors/gateway_timeout";
};

/**
 * The upstream service did not answer in time.
 * Cause: A service behind this one did not respond in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated, or give it more time.
 */
export type ProblemDetailsUpstreamTimeout = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 504;
  timeout_ms?: number;
  title: "Gateway Timeout";
  type: "https://shop.example/errors/upstream_timeout";
};
