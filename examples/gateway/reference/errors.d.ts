// The errors of Errors of the gateway.
// tower-edge has written this file, with `Reference::to_typescript`: do not edit it.

/** An error in the format `ads`. */
export type AdsError =
    | AdsUnauthenticated
    | AdsPermissionDenied
    | AdsNotFound
    | AdsBadRequest
    | AdsMethodNotAllowed
    | AdsNotAcceptable
    | AdsRequestTimeout
    | AdsContentTooLarge
    | AdsUriTooLong
    | AdsUnsupportedMediaType
    | AdsInvalidInput
    | AdsUpgradeRequired
    | AdsVersionOutdated
    | AdsRateLimited
    | AdsHeaderFieldsTooLarge
    | AdsCancelled
    | AdsInternalError
    | AdsNotImplemented
    | AdsGatewayTimeout;

/** A code of [`AdsError`]. */
export type AdsCode = AdsError["code"];

/**
 * Valid credentials are required.
 * Cause: The request has no key, or not one of the API.
 * Fix: Send a key as `Authorization: Bearer KEY`.
 */
export type AdsUnauthenticated = {
  code: "UNAUTHORIZED";
  error: string;
};

/**
 * You do not have permission to do this.
 * Cause: The key is one of the API, and may not do this.
 * Fix: Use a key that may.
 */
export type AdsPermissionDenied = {
  code: "FORBIDDEN";
  error: string;
};

/**
 * The requested resource was not found.
 * Cause: The resource does not exist, or not any more.
 * Fix: Check the number or the name in the path.
 * 
 * Nothing is served under this path.
 * Cause: No route of the API has this path.
 * Fix: Check the path against `/openapi.json`.
 */
export type AdsNotFound = {
  code: "NOT_FOUND";
  error: string;
};

/**
 * The request could not be understood.
 * Cause: The request breaks a rule of HTTP, or its path or its content cannot be read, such as JSON with a syntax error.
 * Fix: Correct the request. The same request fails again.
 * 
 * The client version has an invalid format.
 * Cause: The request names no version of the client, or one of another form.
 * Fix: Send the version of the client in the form that the service expects.
 * 
 * The requested version is not supported.
 * Cause: The request names no version of the API or of the protocol, or one that the service does not support.
 * Fix: Use one of the versions in `supported`.
 * 
 * The client version is newer than this service.
 * Cause: The client is newer than the newest version that the service supports.
 * Fix: Use an older version of the client, or wait until the service is updated.
 */
export type AdsBadRequest = {
  code: "BAD_REQUEST";
  error: string;
};

/**
 * The resource does not support this method.
 * Cause: The path exists, and does not support the method of the request.
 * Fix: Use a method that the `Allow` field of the response names.
 */
export type AdsMethodNotAllowed = {
  code: "METHOD_NOT_ALLOWED";
  error: string;
};

/**
 * No representation satisfies the Accept fields of the request.
 * Cause: The service has no representation of a type that the `Accept` field of the request allows.
 * Fix: Accept a type that the reference names, or any by `*\/*`.
 */
export type AdsNotAcceptable = {
  code: "NOT_ACCEPTABLE";
  error: string;
};

/**
 * The request took too long to arrive.
 * Cause: The content of the request arrived too slowly, or paused for too long.
 * Fix: Send the request again, over a better connection or with less content.
 */
export type AdsRequestTimeout = {
  code: "REQUEST_TIMEOUT";
  error: string;
};

/**
 * The content of the request is too large.
 * Cause: The content of the request is larger than the service accepts.
 * Fix: Send less content, or send it in several requests.
 */
export type AdsContentTooLarge = {
  code: "CONTENT_TOO_LARGE";
  error: string;
};

/**
 * The target of the request is too long.
 * Cause: The target of the request, its path and its query, is longer than the service accepts.
 * Fix: Shorten the path and the query; send long values in the content.
 */
export type AdsUriTooLong = {
  code: "URI_TOO_LONG";
  error: string;
};

/**
 * The content type of the request is not supported.
 * Cause: The `Content-Type` field is missing, or names a type that this route does not accept.
 * Fix: Send the content in a type that the reference names, with its `Content-Type`.
 */
export type AdsUnsupportedMediaType = {
  code: "UNSUPPORTED_MEDIA_TYPE";
  error: string;
};

/**
 * The request has fields that are not valid.
 * Cause: The request can be read, and values in it are not valid.
 * Fix: Correct the fields that the error names. The same request fails again.
 * 
 * The request asks for more than is allowed at once.
 * Cause: The request alone costs more than the limit ever allows at once, so that waiting does not help.
 * Fix: Ask for less at once, such as a smaller page or batch.
 */
export type AdsInvalidInput = {
  code: "INVALID_INPUT";
  error: string;
};

/**
 * The server requires another protocol for this request.
 * Cause: This route is for another protocol, such as WebSocket.
 * Fix: Use the protocol that the `Upgrade` field of the response names.
 */
export type AdsUpgradeRequired = {
  code: "UPGRADE_REQUIRED";
  error: string;
};

/**
 * The client version is no longer supported.
 * Cause: The client is older than the oldest version that the service supports, or its platform or build is not supported any more.
 * Fix: Update the client to `min_version` or later; `update_url` is where to get it.
 */
export type AdsVersionOutdated = {
  code: "VERSION_OUTDATED";
  error: string;
};

/**
 * Too many requests; try again later.
 * Cause: The client has sent more requests than the limit allows in a short time.
 * Fix: Wait for the seconds in `Retry-After`, and send requests at a lower rate.
 * 
 * The quota of this period is used up.
 * Cause: The client has used up what it may use in this period, such as a day or a month.
 * Fix: Wait for the next period, which `Retry-After` says, or ask for a larger quota.
 */
export type AdsRateLimited = {
  code: "RATE_LIMITED";
  error: string;
};

/**
 * The header fields of the request are too large.
 * Cause: The header fields of the request are larger than the service accepts.
 * Fix: Send fewer and shorter header fields; large cookies are a common cause.
 */
export type AdsHeaderFieldsTooLarge = {
  code: "HEADER_FIELDS_TOO_LARGE";
  error: string;
};

/**
 * The request was cancelled.
 * Cause: The client closed the connection or cancelled the request before the response.
 * Fix: None is needed if the client meant to; otherwise give the request more time.
 */
export type AdsCancelled = {
  code: "CANCELLED";
  error: string;
};

/**
 * An unexpected error occurred.
 * Cause: The service failed in a way that it did not expect. The request may or may not have taken effect.
 * Fix: Try again later. If the error persists, report its `error_id`.
 * 
 * The upstream service failed.
 * Cause: A service behind this one responded with an error, or its response broke off.
 * Fix: Try again later. If the error persists, report it.
 * 
 * The upstream service could not be reached.
 * Cause: This service could not connect to a service behind it.
 * Fix: Try again later. If the error persists, report it.
 * 
 * The service is temporarily unavailable.
 * Cause: The service cannot take requests now, as during a deployment or an outage.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 * 
 * The service is temporarily unavailable.
 * Cause: The service has more requests than it can serve, and sheds some.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 * 
 * The upstream service did not answer in time.
 * Cause: A service behind this one did not respond in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated, or give it more time.
 */
export type AdsInternalError = {
  code: "INTERNAL_ERROR";
  error: string;
};

/**
 * The service does not implement what the request needs.
 * Cause: The request needs a feature of HTTP that the service does not implement.
 * Fix: Send the request without that feature, such as an uncommon transfer coding.
 */
export type AdsNotImplemented = {
  code: "NOT_IMPLEMENTED";
  error: string;
};

/**
 * An upstream server did not respond in time.
 * Cause: A gateway on the way did not get a response in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated.
 */
export type AdsGatewayTimeout = {
  code: "GATEWAY_TIMEOUT";
  error: string;
};

/** An error in the format `medianest`. */
export type MedianestError = {
  error:
    | MedianestUnauthenticated
    | MedianestPermissionDenied
    | MedianestNotFound
    | MedianestInvalidInput
    | MedianestNotAcceptable
    | MedianestRequestTimeout
    | MedianestContentTooLarge
    | MedianestUriTooLong
    | MedianestUnsupportedMediaType
    | MedianestValidationError
    | MedianestUpgradeRequired
    | MedianestVersionOutdated
    | MedianestRateLimitExceeded
    | MedianestHeaderFieldsTooLarge
    | MedianestCancelled
    | MedianestInternalError
    | MedianestNotImplemented
    | MedianestUpstreamError
    | MedianestUpstreamUnreachable
    | MedianestServiceUnavailable
    | MedianestGatewayTimeout
    | MedianestUpstreamTimeout;
  success: false;
};

/** A code of [`MedianestError`]. */
export type MedianestCode = MedianestError["error"]["code"];

/**
 * Valid credentials are required.
 * Cause: The request has no key, or not one of the API.
 * Fix: Send a key as `Authorization: Bearer KEY`.
 */
export type MedianestUnauthenticated = {
  code: "UNAUTHORIZED";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * You do not have permission to do this.
 * Cause: The key is one of the API, and may not do this.
 * Fix: Use a key that may.
 */
export type MedianestPermissionDenied = {
  code: "ACCESS_DENIED";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The requested resource was not found.
 * Cause: The resource does not exist, or not any more.
 * Fix: Check the number or the name in the path.
 * 
 * Nothing is served under this path.
 * Cause: No route of the API has this path.
 * Fix: Check the path against `/openapi.json`.
 */
export type MedianestNotFound = {
  code: "NOT_FOUND";
  details?: {
    resource_id?: string | null;
    resource_type?: string | null;
  };
  message: string;
};

/**
 * The request could not be understood.
 * Cause: The request breaks a rule of HTTP, or its path or its content cannot be read, such as JSON with a syntax error.
 * Fix: Correct the request. The same request fails again.
 * 
 * The client version has an invalid format.
 * Cause: The request names no version of the client, or one of another form.
 * Fix: Send the version of the client in the form that the service expects.
 * 
 * The requested version is not supported.
 * Cause: The request names no version of the API or of the protocol, or one that the service does not support.
 * Fix: Use one of the versions in `supported`.
 * 
 * The client version is newer than this service.
 * Cause: The client is newer than the newest version that the service supports.
 * Fix: Use an older version of the client, or wait until the service is updated.
 * 
 * The resource does not support this method.
 * Cause: The path exists, and does not support the method of the request.
 * Fix: Use a method that the `Allow` field of the response names.
 */
export type MedianestInvalidInput = {
  code: "INVALID_INPUT";
  details?: {
    client_version?: string | null;
    errors?: Array<{
      field: string;
      message: string;
      value?: string;
    }>;
    min_version?: string | null;
    requested?: string | null;
    server_version?: string | null;
    supported?: Array<string> | null;
    update_url?: string | null;
  };
  message: string;
};

/**
 * No representation satisfies the Accept fields of the request.
 * Cause: The service has no representation of a type that the `Accept` field of the request allows.
 * Fix: Accept a type that the reference names, or any by `*\/*`.
 */
export type MedianestNotAcceptable = {
  code: "NOT_ACCEPTABLE";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The request took too long to arrive.
 * Cause: The content of the request arrived too slowly, or paused for too long.
 * Fix: Send the request again, over a better connection or with less content.
 */
export type MedianestRequestTimeout = {
  code: "REQUEST_TIMEOUT";
  details?: {
    operation?: string;
    retry_after?: number;
    suggestion?: "Try again in a few minutes";
    timeout_duration?: number;
  };
  message: string;
};

/**
 * The content of the request is too large.
 * Cause: The content of the request is larger than the service accepts.
 * Fix: Send less content, or send it in several requests.
 */
export type MedianestContentTooLarge = {
  code: "CONTENT_TOO_LARGE";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The target of the request is too long.
 * Cause: The target of the request, its path and its query, is longer than the service accepts.
 * Fix: Shorten the path and the query; send long values in the content.
 */
export type MedianestUriTooLong = {
  code: "URI_TOO_LONG";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The content type of the request is not supported.
 * Cause: The `Content-Type` field is missing, or names a type that this route does not accept.
 * Fix: Send the content in a type that the reference names, with its `Content-Type`.
 */
export type MedianestUnsupportedMediaType = {
  code: "UNSUPPORTED_MEDIA_TYPE";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The request has fields that are not valid.
 * Cause: The request can be read, and values in it are not valid.
 * Fix: Correct the fields that the error names. The same request fails again.
 * 
 * The request asks for more than is allowed at once.
 * Cause: The request alone costs more than the limit ever allows at once, so that waiting does not help.
 * Fix: Ask for less at once, such as a smaller page or batch.
 */
export type MedianestValidationError = {
  code: "VALIDATION_ERROR";
  details?: {
    errors?: Array<{
      field: string;
      message: string;
      value?: string;
    }>;
    limit?: number;
    requests_made?: number;
    window?: string;
  };
  message: string;
};

/**
 * The server requires another protocol for this request.
 * Cause: This route is for another protocol, such as WebSocket.
 * Fix: Use the protocol that the `Upgrade` field of the response names.
 */
export type MedianestUpgradeRequired = {
  code: "UPGRADE_REQUIRED";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The client version is no longer supported.
 * Cause: The client is older than the oldest version that the service supports, or its platform or build is not supported any more.
 * Fix: Update the client to `min_version` or later; `update_url` is where to get it.
 */
export type MedianestVersionOutdated = {
  code: "VERSION_OUTDATED";
  details?: {
    client_version?: string | null;
    min_version?: string | null;
    server_version?: string | null;
    update_url?: string | null;
  };
  message: string;
};

/**
 * Too many requests; try again later.
 * Cause: The client has sent more requests than the limit allows in a short time.
 * Fix: Wait for the seconds in `Retry-After`, and send requests at a lower rate.
 * 
 * The quota of this period is used up.
 * Cause: The client has used up what it may use in this period, such as a day or a month.
 * Fix: Wait for the next period, which `Retry-After` says, or ask for a larger quota.
 */
export type MedianestRateLimitExceeded = {
  code: "RATE_LIMIT_EXCEEDED";
  details?: {
    limit?: number;
    requests_made?: number;
    retry_after?: number;
    window?: string;
  };
  message: string;
};

/**
 * The header fields of the request are too large.
 * Cause: The header fields of the request are larger than the service accepts.
 * Fix: Send fewer and shorter header fields; large cookies are a common cause.
 */
export type MedianestHeaderFieldsTooLarge = {
  code: "HEADER_FIELDS_TOO_LARGE";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The request was cancelled.
 * Cause: The client closed the connection or cancelled the request before the response.
 * Fix: None is needed if the client meant to; otherwise give the request more time.
 */
export type MedianestCancelled = {
  code: "CANCELLED";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * An unexpected error occurred.
 * Cause: The service failed in a way that it did not expect. The request may or may not have taken effect.
 * Fix: Try again later. If the error persists, report its `error_id`.
 */
export type MedianestInternalError = {
  code: "INTERNAL_ERROR";
  details?: {
    error_id?: string;
    retry_after?: number;
    support_info?: "Please contact support with error ID";
    timestamp?: string;
  };
  message: string;
};

/**
 * The service does not implement what the request needs.
 * Cause: The request needs a feature of HTTP that the service does not implement.
 * Fix: Send the request without that feature, such as an uncommon transfer coding.
 */
export type MedianestNotImplemented = {
  code: "NOT_IMPLEMENTED";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The upstream service failed.
 * Cause: A service behind this one responded with an error, or its response broke off.
 * Fix: Try again later. If the error persists, report it.
 */
export type MedianestUpstreamError = {
  code: "EXTERNAL_SERVICE_ERROR";
  details?: {
    retry_after?: number;
  };
  message: string;
};

/**
 * The upstream service could not be reached.
 * Cause: This service could not connect to a service behind it.
 * Fix: Try again later. If the error persists, report it.
 */
export type MedianestUpstreamUnreachable = {
  code: "PLEX_UNREACHABLE";
  details?: {
    retry_after?: number;
  };
  message: string;
};

/**
 * The service is temporarily unavailable.
 * Cause: The service cannot take requests now, as during a deployment or an outage.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 * 
 * The service is temporarily unavailable.
 * Cause: The service has more requests than it can serve, and sheds some.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 */
export type MedianestServiceUnavailable = {
  code: "SERVICE_UNAVAILABLE";
  details?: {
    operation?: string;
    retry_after?: number;
    suggestion?: "Try again in a few minutes";
    timeout_duration?: number;
  };
  message: string;
};

/**
 * An upstream server did not respond in time.
 * Cause: A gateway on the way did not get a response in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated.
 */
export type MedianestGatewayTimeout = {
  code: "TIMEOUT_ERROR";
  details?: {
    retry_after?: number;
  };
  message: string;
};

/**
 * The upstream service did not answer in time.
 * Cause: A service behind this one did not respond in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated, or give it more time.
 */
export type MedianestUpstreamTimeout = {
  code: "PLEX_TIMEOUT";
  details?: {
    operation?: string;
    retry_after?: number;
    suggestion?: "Try again in a few minutes";
    timeout_duration?: number;
  };
  message: string;
};

/** An error in the format `plexichat`. */
export type PlexichatError = {
  error:
    | PlexichatUnauthenticated
    | PlexichatPermissionDenied
    | PlexichatCode404
    | PlexichatCode400
    | PlexichatInvalidVersionFormat
    | PlexichatMethodNotAllowed
    | PlexichatNotAcceptable
    | PlexichatRequestTimeout
    | PlexichatUriTooLong
    | PlexichatUpgradeRequired
    | PlexichatVersionOutdated
    | PlexichatCode429
    | PlexichatHeaderFieldsTooLarge
    | PlexichatCancelled
    | PlexichatInternalError
    | PlexichatNotImplemented
    | PlexichatUpstreamError
    | PlexichatCode503
    | PlexichatCode504;
};

/** A code of [`PlexichatError`]. */
export type PlexichatCode = PlexichatError["error"]["code"];

/**
 * Valid credentials are required.
 * Cause: The request has no key, or not one of the API.
 * Fix: Send a key as `Authorization: Bearer KEY`.
 */
export type PlexichatUnauthenticated = {
  code: 401;
  message: string;
};

/**
 * You do not have permission to do this.
 * Cause: The key is one of the API, and may not do this.
 * Fix: Use a key that may.
 */
export type PlexichatPermissionDenied = {
  code: 403;
  message: string;
};

/**
 * The requested resource was not found.
 * Cause: The resource does not exist, or not any more.
 * Fix: Check the number or the name in the path.
 * 
 * Nothing is served under this path.
 * Cause: No route of the API has this path.
 * Fix: Check the path against `/openapi.json`.
 */
export type PlexichatCode404 = {
  code: 404;
  message: string;
  resource_id?: string | null;
  resource_type?: string | null;
};

/**
 * The request could not be understood.
 * Cause: The request breaks a rule of HTTP, or its path or its content cannot be read, such as JSON with a syntax error.
 * Fix: Correct the request. The same request fails again.
 * 
 * The requested version is not supported.
 * Cause: The request names no version of the API or of the protocol, or one that the service does not support.
 * Fix: Use one of the versions in `supported`.
 * 
 * The client version is newer than this service.
 * Cause: The client is newer than the newest version that the service supports.
 * Fix: Use an older version of the client, or wait until the service is updated.
 * 
 * The content of the request is too large.
 * Cause: The content of the request is larger than the service accepts.
 * Fix: Send less content, or send it in several requests.
 * 
 * The content type of the request is not supported.
 * Cause: The `Content-Type` field is missing, or names a type that this route does not accept.
 * Fix: Send the content in a type that the reference names, with its `Content-Type`.
 * 
 * The request has fields that are not valid.
 * Cause: The request can be read, and values in it are not valid.
 * Fix: Correct the fields that the error names. The same request fails again.
 * 
 * The request asks for more than is allowed at once.
 * Cause: The request alone costs more than the limit ever allows at once, so that waiting does not help.
 * Fix: Ask for less at once, such as a smaller page or batch.
 */
export type PlexichatCode400 = {
  client_version?: string | null;
  code: 400;
  errors?: Array<{
    field: string;
    message: string;
    value?: string;
  }>;
  message: string;
  min_version?: string | null;
  requested?: string | null;
  server_version?: string | null;
  supported?: Array<string> | null;
  update_url?: string | null;
};

/**
 * The client version has an invalid format.
 * Cause: The request names no version of the client, or one of another form.
 * Fix: Send the version of the client in the form that the service expects.
 */
export type PlexichatInvalidVersionFormat = {
  code: "INVALID_VERSION_FORMAT";
  message: string;
};

/**
 * The resource does not support this method.
 * Cause: The path exists, and does not support the method of the request.
 * Fix: Use a method that the `Allow` field of the response names.
 */
export type PlexichatMethodNotAllowed = {
  code: 405;
  message: string;
};

/**
 * No representation satisfies the Accept fields of the request.
 * Cause: The service has no representation of a type that the `Accept` field of the request allows.
 * Fix: Accept a type that the reference names, or any by `*\/*`.
 */
export type PlexichatNotAcceptable = {
  code: 406;
  message: string;
};

/**
 * The request took too long to arrive.
 * Cause: The content of the request arrived too slowly, or paused for too long.
 * Fix: Send the request again, over a better connection or with less content.
 */
export type PlexichatRequestTimeout = {
  code: 408;
  message: string;
  retry_after?: number;
};

/**
 * The target of the request is too long.
 * Cause: The target of the request, its path and its query, is longer than the service accepts.
 * Fix: Shorten the path and the query; send long values in the content.
 */
export type PlexichatUriTooLong = {
  code: 414;
  message: string;
};

/**
 * The server requires another protocol for this request.
 * Cause: This route is for another protocol, such as WebSocket.
 * Fix: Use the protocol that the `Upgrade` field of the response names.
 */
export type PlexichatUpgradeRequired = {
  code: 426;
  message: string;
};

/**
 * The client version is no longer supported.
 * Cause: The client is older than the oldest version that the service supports, or its platform or build is not supported any more.
 * Fix: Update the client to `min_version` or later; `update_url` is where to get it.
 */
export type PlexichatVersionOutdated = {
  client_version?: string | null;
  code: "VERSION_OUTDATED";
  message: string;
  min_version?: string | null;
  server_version?: string | null;
  update_url?: string | null;
};

/**
 * Too many requests; try again later.
 * Cause: The client has sent more requests than the limit allows in a short time.
 * Fix: Wait for the seconds in `Retry-After`, and send requests at a lower rate.
 * 
 * The quota of this period is used up.
 * Cause: The client has used up what it may use in this period, such as a day or a month.
 * Fix: Wait for the next period, which `Retry-After` says, or ask for a larger quota.
 */
export type PlexichatCode429 = {
  code: 429;
  message: string;
  retry_after?: number;
};

/**
 * The header fields of the request are too large.
 * Cause: The header fields of the request are larger than the service accepts.
 * Fix: Send fewer and shorter header fields; large cookies are a common cause.
 */
export type PlexichatHeaderFieldsTooLarge = {
  code: 431;
  message: string;
};

/**
 * The request was cancelled.
 * Cause: The client closed the connection or cancelled the request before the response.
 * Fix: None is needed if the client meant to; otherwise give the request more time.
 */
export type PlexichatCancelled = {
  code: 499;
  message: string;
};

/**
 * An unexpected error occurred.
 * Cause: The service failed in a way that it did not expect. The request may or may not have taken effect.
 * Fix: Try again later. If the error persists, report its `error_id`.
 */
export type PlexichatInternalError = {
  code: 500;
  message: string;
  retry_after?: number;
};

/**
 * The service does not implement what the request needs.
 * Cause: The request needs a feature of HTTP that the service does not implement.
 * Fix: Send the request without that feature, such as an uncommon transfer coding.
 */
export type PlexichatNotImplemented = {
  code: 501;
  message: string;
};

/**
 * The upstream service failed.
 * Cause: A service behind this one responded with an error, or its response broke off.
 * Fix: Try again later. If the error persists, report it.
 */
export type PlexichatUpstreamError = {
  code: 502;
  message: string;
  retry_after?: number;
};

/**
 * The upstream service could not be reached.
 * Cause: This service could not connect to a service behind it.
 * Fix: Try again later. If the error persists, report it.
 * 
 * The service is temporarily unavailable.
 * Cause: The service cannot take requests now, as during a deployment or an outage.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 * 
 * The service is temporarily unavailable.
 * Cause: The service has more requests than it can serve, and sheds some.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 */
export type PlexichatCode503 = {
  code: 503;
  message: string;
  retry_after?: number;
};

/**
 * An upstream server did not respond in time.
 * Cause: A gateway on the way did not get a response in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated.
 * 
 * The upstream service did not answer in time.
 * Cause: A service behind this one did not respond in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated, or give it more time.
 */
export type PlexichatCode504 = {
  code: 504;
  message: string;
  retry_after?: number;
};

/** An error in the format `plexmcp`. */
export type PlexmcpError = {
  error:
    | PlexmcpUnauthenticated
    | PlexmcpPermissionDenied
    | PlexmcpNotFound
    | PlexmcpInvalidRequest
    | PlexmcpNotAcceptable
    | PlexmcpRequestTimeout
    | PlexmcpContentTooLarge
    | PlexmcpUriTooLong
    | PlexmcpValidationError
    | PlexmcpUpgradeRequired
    | PlexmcpVersionOutdated
    | PlexmcpRateLimited
    | PlexmcpQuotaExceeded
    | PlexmcpHeaderFieldsTooLarge
    | PlexmcpCancelled
    | PlexmcpInternalError
    | PlexmcpNotImplemented
    | PlexmcpUpstreamError
    | PlexmcpUpstreamUnreachable
    | PlexmcpServiceUnavailable
    | PlexmcpGatewayTimeout
    | PlexmcpUpstreamTimeout;
  success: false;
};

/** A code of [`PlexmcpError`]. */
export type PlexmcpCode = PlexmcpError["error"]["code"];

/**
 * Valid credentials are required.
 * Cause: The request has no key, or not one of the API.
 * Fix: Send a key as `Authorization: Bearer KEY`.
 */
export type PlexmcpUnauthenticated = {
  code: "unauthorized";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * You do not have permission to do this.
 * Cause: The key is one of the API, and may not do this.
 * Fix: Use a key that may.
 */
export type PlexmcpPermissionDenied = {
  code: "forbidden";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The requested resource was not found.
 * Cause: The resource does not exist, or not any more.
 * Fix: Check the number or the name in the path.
 * 
 * Nothing is served under this path.
 * Cause: No route of the API has this path.
 * Fix: Check the path against `/openapi.json`.
 */
export type PlexmcpNotFound = {
  code: "not_found";
  details?: {
    resource_id?: string | null;
    resource_type?: string | null;
  };
  message: string;
};

/**
 * The request could not be understood.
 * Cause: The request breaks a rule of HTTP, or its path or its content cannot be read, such as JSON with a syntax error.
 * Fix: Correct the request. The same request fails again.
 * 
 * The client version has an invalid format.
 * Cause: The request names no version of the client, or one of another form.
 * Fix: Send the version of the client in the form that the service expects.
 * 
 * The requested version is not supported.
 * Cause: The request names no version of the API or of the protocol, or one that the service does not support.
 * Fix: Use one of the versions in `supported`.
 * 
 * The client version is newer than this service.
 * Cause: The client is newer than the newest version that the service supports.
 * Fix: Use an older version of the client, or wait until the service is updated.
 * 
 * The resource does not support this method.
 * Cause: The path exists, and does not support the method of the request.
 * Fix: Use a method that the `Allow` field of the response names.
 * 
 * The content type of the request is not supported.
 * Cause: The `Content-Type` field is missing, or names a type that this route does not accept.
 * Fix: Send the content in a type that the reference names, with its `Content-Type`.
 */
export type PlexmcpInvalidRequest = {
  code: "invalid_request";
  details?: {
    client_version?: string | null;
    min_version?: string | null;
    requested?: string | null;
    server_version?: string | null;
    supported?: Array<string> | null;
    update_url?: string | null;
    [name: string]: unknown;
  };
  message: string;
};

/**
 * No representation satisfies the Accept fields of the request.
 * Cause: The service has no representation of a type that the `Accept` field of the request allows.
 * Fix: Accept a type that the reference names, or any by `*\/*`.
 */
export type PlexmcpNotAcceptable = {
  code: "not_acceptable";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The request took too long to arrive.
 * Cause: The content of the request arrived too slowly, or paused for too long.
 * Fix: Send the request again, over a better connection or with less content.
 */
export type PlexmcpRequestTimeout = {
  code: "request_timeout";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The content of the request is too large.
 * Cause: The content of the request is larger than the service accepts.
 * Fix: Send less content, or send it in several requests.
 */
export type PlexmcpContentTooLarge = {
  code: "content_too_large";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The target of the request is too long.
 * Cause: The target of the request, its path and its query, is longer than the service accepts.
 * Fix: Shorten the path and the query; send long values in the content.
 */
export type PlexmcpUriTooLong = {
  code: "uri_too_long";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The request has fields that are not valid.
 * Cause: The request can be read, and values in it are not valid.
 * Fix: Correct the fields that the error names. The same request fails again.
 * 
 * The request asks for more than is allowed at once.
 * Cause: The request alone costs more than the limit ever allows at once, so that waiting does not help.
 * Fix: Ask for less at once, such as a smaller page or batch.
 */
export type PlexmcpValidationError = {
  code: "validation_error";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The server requires another protocol for this request.
 * Cause: This route is for another protocol, such as WebSocket.
 * Fix: Use the protocol that the `Upgrade` field of the response names.
 */
export type PlexmcpUpgradeRequired = {
  code: "upgrade_required";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The client version is no longer supported.
 * Cause: The client is older than the oldest version that the service supports, or its platform or build is not supported any more.
 * Fix: Update the client to `min_version` or later; `update_url` is where to get it.
 */
export type PlexmcpVersionOutdated = {
  code: "client_outdated";
  details?: {
    client_version?: string | null;
    min_version?: string | null;
    server_version?: string | null;
    update_url?: string | null;
  };
  message: string;
};

/**
 * Too many requests; try again later.
 * Cause: The client has sent more requests than the limit allows in a short time.
 * Fix: Wait for the seconds in `Retry-After`, and send requests at a lower rate.
 */
export type PlexmcpRateLimited = {
  code: "rate_limited";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The quota of this period is used up.
 * Cause: The client has used up what it may use in this period, such as a day or a month.
 * Fix: Wait for the next period, which `Retry-After` says, or ask for a larger quota.
 */
export type PlexmcpQuotaExceeded = {
  code: "quota_exceeded";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The header fields of the request are too large.
 * Cause: The header fields of the request are larger than the service accepts.
 * Fix: Send fewer and shorter header fields; large cookies are a common cause.
 */
export type PlexmcpHeaderFieldsTooLarge = {
  code: "header_fields_too_large";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The request was cancelled.
 * Cause: The client closed the connection or cancelled the request before the response.
 * Fix: None is needed if the client meant to; otherwise give the request more time.
 */
export type PlexmcpCancelled = {
  code: "cancelled";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * An unexpected error occurred.
 * Cause: The service failed in a way that it did not expect. The request may or may not have taken effect.
 * Fix: Try again later. If the error persists, report its `error_id`.
 */
export type PlexmcpInternalError = {
  code: "internal_error";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The service does not implement what the request needs.
 * Cause: The request needs a feature of HTTP that the service does not implement.
 * Fix: Send the request without that feature, such as an uncommon transfer coding.
 */
export type PlexmcpNotImplemented = {
  code: "not_implemented";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The upstream service failed.
 * Cause: A service behind this one responded with an error, or its response broke off.
 * Fix: Try again later. If the error persists, report it.
 */
export type PlexmcpUpstreamError = {
  code: "mcp_error";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The upstream service could not be reached.
 * Cause: This service could not connect to a service behind it.
 * Fix: Try again later. If the error persists, report it.
 */
export type PlexmcpUpstreamUnreachable = {
  code: "mcp_unreachable";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The service is temporarily unavailable.
 * Cause: The service cannot take requests now, as during a deployment or an outage.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 * 
 * The service is temporarily unavailable.
 * Cause: The service has more requests than it can serve, and sheds some.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 */
export type PlexmcpServiceUnavailable = {
  code: "service_unavailable";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * An upstream server did not respond in time.
 * Cause: A gateway on the way did not get a response in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated.
 */
export type PlexmcpGatewayTimeout = {
  code: "gateway_timeout";
  details?: { [name: string]: unknown };
  message: string;
};

/**
 * The upstream service did not answer in time.
 * Cause: A service behind this one did not respond in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated, or give it more time.
 */
export type PlexmcpUpstreamTimeout = {
  code: "mcp_timeout";
  details?: { [name: string]: unknown };
  message: string;
};

/** An error in the format `problem`. */
export type ProblemError =
    | ProblemUnauthenticated
    | ProblemPermissionDenied
    | ProblemNotFound
    | ProblemRouteNotFound
    | ProblemBadRequest
    | ProblemInvalidVersionFormat
    | ProblemUnsupportedVersion
    | ProblemVersionTooNew
    | ProblemMethodNotAllowed
    | ProblemNotAcceptable
    | ProblemRequestTimeout
    | ProblemContentTooLarge
    | ProblemUriTooLong
    | ProblemUnsupportedMediaType
    | ProblemValidationError
    | ProblemTooCostly
    | ProblemUpgradeRequired
    | ProblemVersionOutdated
    | ProblemRateLimited
    | ProblemQuotaExceeded
    | ProblemHeaderFieldsTooLarge
    | ProblemCancelled
    | ProblemInternalError
    | ProblemNotImplemented
    | ProblemUpstreamError
    | ProblemUpstreamUnreachable
    | ProblemServiceUnavailable
    | ProblemOverloaded
    | ProblemGatewayTimeout
    | ProblemUpstreamTimeout;

/** A code of [`ProblemError`]. */
export type ProblemCode = ProblemError["type"];

/**
 * Valid credentials are required.
 * Cause: The request has no key, or not one of the API.
 * Fix: Send a key as `Authorization: Bearer KEY`.
 */
export type ProblemUnauthenticated = {
  detail: string;
  status: 401;
  title: "Unauthorized";
  type: "/errors/unauthenticated";
};

/**
 * You do not have permission to do this.
 * Cause: The key is one of the API, and may not do this.
 * Fix: Use a key that may.
 */
export type ProblemPermissionDenied = {
  detail: string;
  status: 403;
  title: "Forbidden";
  type: "/errors/permission_denied";
};

/**
 * The requested resource was not found.
 * Cause: The resource does not exist, or not any more.
 * Fix: Check the number or the name in the path.
 */
export type ProblemNotFound = {
  detail: string;
  resource_id?: string | null;
  resource_type?: string | null;
  status: 404;
  title: "Not Found";
  type: "/errors/not_found";
};

/**
 * Nothing is served under this path.
 * Cause: No route of the API has this path.
 * Fix: Check the path against `/openapi.json`.
 */
export type ProblemRouteNotFound = {
  detail: string;
  status: 404;
  title: "Not Found";
  type: "/errors/route_not_found";
};

/**
 * The request could not be understood.
 * Cause: The request breaks a rule of HTTP, or its path or its content cannot be read, such as JSON with a syntax error.
 * Fix: Correct the request. The same request fails again.
 */
export type ProblemBadRequest = {
  detail: string;
  errors?: Array<{
    detail: string;
    parameter?: string;
    pointer?: string;
    value?: string;
  }>;
  status: 400;
  title: "Bad Request";
  type: "/errors/bad_request";
};

/**
 * The client version has an invalid format.
 * Cause: The request names no version of the client, or one of another form.
 * Fix: Send the version of the client in the form that the service expects.
 */
export type ProblemInvalidVersionFormat = {
  detail: string;
  status: 400;
  title: "Invalid Version Format";
  type: "/errors/invalid_version_format";
};

/**
 * The requested version is not supported.
 * Cause: The request names no version of the API or of the protocol, or one that the service does not support.
 * Fix: Use one of the versions in `supported`.
 */
export type ProblemUnsupportedVersion = {
  detail: string;
  requested?: string | null;
  status: 400;
  supported?: Array<string> | null;
  title: "Unsupported Version";
  type: "/errors/unsupported_version";
};

/**
 * The client version is newer than this service.
 * Cause: The client is newer than the newest version that the service supports.
 * Fix: Use an older version of the client, or wait until the service is updated.
 */
export type ProblemVersionTooNew = {
  client_version?: string | null;
  detail: string;
  min_version?: string | null;
  server_version?: string | null;
  status: 400;
  title: "Client Version Too New";
  type: "/errors/version_too_new";
  update_url?: string | null;
};

/**
 * The resource does not support this method.
 * Cause: The path exists, and does not support the method of the request.
 * Fix: Use a method that the `Allow` field of the response names.
 */
export type ProblemMethodNotAllowed = {
  detail: string;
  status: 405;
  title: "Method Not Allowed";
  type: "/errors/method_not_allowed";
};

/**
 * No representation satisfies the Accept fields of the request.
 * Cause: The service has no representation of a type that the `Accept` field of the request allows.
 * Fix: Accept a type that the reference names, or any by `*\/*`.
 */
export type ProblemNotAcceptable = {
  detail: string;
  status: 406;
  title: "Not Acceptable";
  type: "/errors/not_acceptable";
};

/**
 * The request took too long to arrive.
 * Cause: The content of the request arrived too slowly, or paused for too long.
 * Fix: Send the request again, over a better connection or with less content.
 */
export type ProblemRequestTimeout = {
  detail: string;
  retry_after?: number;
  status: 408;
  timeout_ms?: number;
  title: "Request Timeout";
  type: "/errors/request_timeout";
};

/**
 * The content of the request is too large.
 * Cause: The content of the request is larger than the service accepts.
 * Fix: Send less content, or send it in several requests.
 */
export type ProblemContentTooLarge = {
  detail: string;
  status: 413;
  title: "Content Too Large";
  type: "/errors/content_too_large";
};

/**
 * The target of the request is too long.
 * Cause: The target of the request, its path and its query, is longer than the service accepts.
 * Fix: Shorten the path and the query; send long values in the content.
 */
export type ProblemUriTooLong = {
  detail: string;
  status: 414;
  title: "URI Too Long";
  type: "/errors/uri_too_long";
};

/**
 * The content type of the request is not supported.
 * Cause: The `Content-Type` field is missing, or names a type that this route does not accept.
 * Fix: Send the content in a type that the reference names, with its `Content-Type`.
 */
export type ProblemUnsupportedMediaType = {
  detail: string;
  status: 415;
  title: "Unsupported Media Type";
  type: "/errors/unsupported_media_type";
};

/**
 * The request has fields that are not valid.
 * Cause: The request can be read, and values in it are not valid.
 * Fix: Correct the fields that the error names. The same request fails again.
 */
export type ProblemValidationError = {
  detail: string;
  errors?: Array<{
    detail: string;
    parameter?: string;
    pointer?: string;
    value?: string;
  }>;
  status: 422;
  title: "Unprocessable Content";
  type: "/errors/validation_error";
};

/**
 * The request asks for more than is allowed at once.
 * Cause: The request alone costs more than the limit ever allows at once, so that waiting does not help.
 * Fix: Ask for less at once, such as a smaller page or batch.
 */
export type ProblemTooCostly = {
  detail: string;
  status: 422;
  title: "Too Costly";
  type: "/errors/too_costly";
  "violated-policies"?: Array<string>;
};

/**
 * The server requires another protocol for this request.
 * Cause: This route is for another protocol, such as WebSocket.
 * Fix: Use the protocol that the `Upgrade` field of the response names.
 */
export type ProblemUpgradeRequired = {
  detail: string;
  status: 426;
  title: "Upgrade Required";
  type: "/errors/upgrade_required";
};

/**
 * The client version is no longer supported.
 * Cause: The client is older than the oldest version that the service supports, or its platform or build is not supported any more.
 * Fix: Update the client to `min_version` or later; `update_url` is where to get it.
 */
export type ProblemVersionOutdated = {
  client_version?: string | null;
  detail: string;
  min_version?: string | null;
  server_version?: string | null;
  status: 426;
  title: "Upgrade Required";
  type: "/errors/version_outdated";
  update_url?: string | null;
};

/**
 * Too many requests; try again later.
 * Cause: The client has sent more requests than the limit allows in a short time.
 * Fix: Wait for the seconds in `Retry-After`, and send requests at a lower rate.
 */
export type ProblemRateLimited = {
  detail: string;
  retry_after?: number;
  status: 429;
  title: "Too Many Requests";
  type: "/errors/rate_limited";
  "violated-policies"?: Array<string>;
};

/**
 * The quota of this period is used up.
 * Cause: The client has used up what it may use in this period, such as a day or a month.
 * Fix: Wait for the next period, which `Retry-After` says, or ask for a larger quota.
 */
export type ProblemQuotaExceeded = {
  detail: string;
  retry_after?: number;
  status: 429;
  title: "Quota Exceeded";
  type: "/errors/quota_exceeded";
  "violated-policies"?: Array<string>;
};

/**
 * The header fields of the request are too large.
 * Cause: The header fields of the request are larger than the service accepts.
 * Fix: Send fewer and shorter header fields; large cookies are a common cause.
 */
export type ProblemHeaderFieldsTooLarge = {
  detail: string;
  status: 431;
  title: "Request Header Fields Too Large";
  type: "/errors/header_fields_too_large";
};

/**
 * The request was cancelled.
 * Cause: The client closed the connection or cancelled the request before the response.
 * Fix: None is needed if the client meant to; otherwise give the request more time.
 */
export type ProblemCancelled = {
  detail: string;
  status: 499;
  title: "Client Closed Request";
  type: "/errors/cancelled";
};

/**
 * An unexpected error occurred.
 * Cause: The service failed in a way that it did not expect. The request may or may not have taken effect.
 * Fix: Try again later. If the error persists, report its `error_id`.
 */
export type ProblemInternalError = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 500;
  title: "Internal Server Error";
  type: "/errors/internal_error";
};

/**
 * The service does not implement what the request needs.
 * Cause: The request needs a feature of HTTP that the service does not implement.
 * Fix: Send the request without that feature, such as an uncommon transfer coding.
 */
export type ProblemNotImplemented = {
  detail: string;
  error_id?: string;
  status: 501;
  title: "Not Implemented";
  type: "/errors/not_implemented";
};

/**
 * The upstream service failed.
 * Cause: A service behind this one responded with an error, or its response broke off.
 * Fix: Try again later. If the error persists, report it.
 */
export type ProblemUpstreamError = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 502;
  title: "Bad Gateway";
  type: "/errors/upstream_error";
};

/**
 * The upstream service could not be reached.
 * Cause: This service could not connect to a service behind it.
 * Fix: Try again later. If the error persists, report it.
 */
export type ProblemUpstreamUnreachable = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 502;
  title: "Bad Gateway";
  type: "/errors/upstream_unreachable";
};

/**
 * The service is temporarily unavailable.
 * Cause: The service cannot take requests now, as during a deployment or an outage.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 */
export type ProblemServiceUnavailable = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 503;
  title: "Service Unavailable";
  type: "/errors/service_unavailable";
};

/**
 * The service is temporarily unavailable.
 * Cause: The service has more requests than it can serve, and sheds some.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 */
export type ProblemOverloaded = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 503;
  timeout_ms?: number;
  title: "Service Unavailable";
  type: "/errors/overloaded";
};

/**
 * An upstream server did not respond in time.
 * Cause: A gateway on the way did not get a response in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated.
 */
export type ProblemGatewayTimeout = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 504;
  title: "Gateway Timeout";
  type: "/errors/gateway_timeout";
};

/**
 * The upstream service did not answer in time.
 * Cause: A service behind this one did not respond in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated, or give it more time.
 */
export type ProblemUpstreamTimeout = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 504;
  timeout_ms?: number;
  title: "Gateway Timeout";
  type: "/errors/upstream_timeout";
};

/** An error in the format `routermcp`. */
export type RoutermcpError =
    | RoutermcpUnauthenticated
    | RoutermcpPermissionDenied
    | RoutermcpNotFound
    | RoutermcpBadRequest
    | RoutermcpInvalidVersionFormat
    | RoutermcpMethodNotAllowed
    | RoutermcpNotAcceptable
    | RoutermcpRequestTimeout
    | RoutermcpContentTooLarge
    | RoutermcpUriTooLong
    | RoutermcpUnsupportedMediaType
    | RoutermcpValidationError
    | RoutermcpUpgradeRequired
    | RoutermcpVersionOutdated
    | RoutermcpRateLimitExceeded
    | RoutermcpHeaderFieldsTooLarge
    | RoutermcpCancelled
    | RoutermcpInternalError
    | RoutermcpNotImplemented
    | RoutermcpUpstreamError
    | RoutermcpUpstreamUnreachable
    | RoutermcpServiceUnavailable
    | RoutermcpGatewayTimeout
    | RoutermcpUpstreamTimeout;

/** A code of [`RoutermcpError`]. */
export type RoutermcpCode = RoutermcpError["error"];

/**
 * Valid credentials are required.
 * Cause: The request has no key, or not one of the API.
 * Fix: Send a key as `Authorization: Bearer KEY`.
 */
export type RoutermcpUnauthenticated = {
  error: "unauthorized";
  message: string;
};

/**
 * You do not have permission to do this.
 * Cause: The key is one of the API, and may not do this.
 * Fix: Use a key that may.
 */
export type RoutermcpPermissionDenied = {
  error: "forbidden";
  message: string;
};

/**
 * The requested resource was not found.
 * Cause: The resource does not exist, or not any more.
 * Fix: Check the number or the name in the path.
 * 
 * Nothing is served under this path.
 * Cause: No route of the API has this path.
 * Fix: Check the path against `/openapi.json`.
 */
export type RoutermcpNotFound = {
  error: "not_found";
  message: string;
};

/**
 * The request could not be understood.
 * Cause: The request breaks a rule of HTTP, or its path or its content cannot be read, such as JSON with a syntax error.
 * Fix: Correct the request. The same request fails again.
 * 
 * The requested version is not supported.
 * Cause: The request names no version of the API or of the protocol, or one that the service does not support.
 * Fix: Use one of the versions in `supported`.
 * 
 * The client version is newer than this service.
 * Cause: The client is newer than the newest version that the service supports.
 * Fix: Use an older version of the client, or wait until the service is updated.
 */
export type RoutermcpBadRequest = {
  error: "bad_request";
  message: string;
};

/**
 * The client version has an invalid format.
 * Cause: The request names no version of the client, or one of another form.
 * Fix: Send the version of the client in the form that the service expects.
 */
export type RoutermcpInvalidVersionFormat = {
  error: "invalid_version_format";
  message: string;
};

/**
 * The resource does not support this method.
 * Cause: The path exists, and does not support the method of the request.
 * Fix: Use a method that the `Allow` field of the response names.
 */
export type RoutermcpMethodNotAllowed = {
  error: "method_not_allowed";
  message: string;
};

/**
 * No representation satisfies the Accept fields of the request.
 * Cause: The service has no representation of a type that the `Accept` field of the request allows.
 * Fix: Accept a type that the reference names, or any by `*\/*`.
 */
export type RoutermcpNotAcceptable = {
  error: "not_acceptable";
  message: string;
};

/**
 * The request took too long to arrive.
 * Cause: The content of the request arrived too slowly, or paused for too long.
 * Fix: Send the request again, over a better connection or with less content.
 */
export type RoutermcpRequestTimeout = {
  error: "request_timeout";
  message: string;
  retryAfter?: number;
};

/**
 * The content of the request is too large.
 * Cause: The content of the request is larger than the service accepts.
 * Fix: Send less content, or send it in several requests.
 */
export type RoutermcpContentTooLarge = {
  error: "content_too_large";
  message: string;
};

/**
 * The target of the request is too long.
 * Cause: The target of the request, its path and its query, is longer than the service accepts.
 * Fix: Shorten the path and the query; send long values in the content.
 */
export type RoutermcpUriTooLong = {
  error: "uri_too_long";
  message: string;
};

/**
 * The content type of the request is not supported.
 * Cause: The `Content-Type` field is missing, or names a type that this route does not accept.
 * Fix: Send the content in a type that the reference names, with its `Content-Type`.
 */
export type RoutermcpUnsupportedMediaType = {
  error: "unsupported_media_type";
  message: string;
};

/**
 * The request has fields that are not valid.
 * Cause: The request can be read, and values in it are not valid.
 * Fix: Correct the fields that the error names. The same request fails again.
 * 
 * The request asks for more than is allowed at once.
 * Cause: The request alone costs more than the limit ever allows at once, so that waiting does not help.
 * Fix: Ask for less at once, such as a smaller page or batch.
 */
export type RoutermcpValidationError = {
  error: "validation_error";
  message: string;
};

/**
 * The server requires another protocol for this request.
 * Cause: This route is for another protocol, such as WebSocket.
 * Fix: Use the protocol that the `Upgrade` field of the response names.
 */
export type RoutermcpUpgradeRequired = {
  error: "upgrade_required";
  message: string;
};

/**
 * The client version is no longer supported.
 * Cause: The client is older than the oldest version that the service supports, or its platform or build is not supported any more.
 * Fix: Update the client to `min_version` or later; `update_url` is where to get it.
 */
export type RoutermcpVersionOutdated = {
  error: "version_outdated";
  message: string;
};

/**
 * Too many requests; try again later.
 * Cause: The client has sent more requests than the limit allows in a short time.
 * Fix: Wait for the seconds in `Retry-After`, and send requests at a lower rate.
 * 
 * The quota of this period is used up.
 * Cause: The client has used up what it may use in this period, such as a day or a month.
 * Fix: Wait for the next period, which `Retry-After` says, or ask for a larger quota.
 */
export type RoutermcpRateLimitExceeded = {
  error: "rate_limit_exceeded";
  message: string;
  retryAfter?: number;
};

/**
 * The header fields of the request are too large.
 * Cause: The header fields of the request are larger than the service accepts.
 * Fix: Send fewer and shorter header fields; large cookies are a common cause.
 */
export type RoutermcpHeaderFieldsTooLarge = {
  error: "header_fields_too_large";
  message: string;
};

/**
 * The request was cancelled.
 * Cause: The client closed the connection or cancelled the request before the response.
 * Fix: None is needed if the client meant to; otherwise give the request more time.
 */
export type RoutermcpCancelled = {
  error: "cancelled";
  message: string;
};

/**
 * An unexpected error occurred.
 * Cause: The service failed in a way that it did not expect. The request may or may not have taken effect.
 * Fix: Try again later. If the error persists, report its `error_id`.
 */
export type RoutermcpInternalError = {
  error: "internal_error";
  message: string;
  retryAfter?: number;
};

/**
 * The service does not implement what the request needs.
 * Cause: The request needs a feature of HTTP that the service does not implement.
 * Fix: Send the request without that feature, such as an uncommon transfer coding.
 */
export type RoutermcpNotImplemented = {
  error: "not_implemented";
  message: string;
};

/**
 * The upstream service failed.
 * Cause: A service behind this one responded with an error, or its response broke off.
 * Fix: Try again later. If the error persists, report it.
 */
export type RoutermcpUpstreamError = {
  error: "upstream_error";
  message: string;
  retryAfter?: number;
};

/**
 * The upstream service could not be reached.
 * Cause: This service could not connect to a service behind it.
 * Fix: Try again later. If the error persists, report it.
 */
export type RoutermcpUpstreamUnreachable = {
  error: "upstream_unreachable";
  message: string;
  retryAfter?: number;
};

/**
 * The service is temporarily unavailable.
 * Cause: The service cannot take requests now, as during a deployment or an outage.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 * 
 * The service is temporarily unavailable.
 * Cause: The service has more requests than it can serve, and sheds some.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 */
export type RoutermcpServiceUnavailable = {
  error: "service_unavailable";
  message: string;
  retryAfter?: number;
};

/**
 * An upstream server did not respond in time.
 * Cause: A gateway on the way did not get a response in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated.
 */
export type RoutermcpGatewayTimeout = {
  error: "gateway_timeout";
  message: string;
  retryAfter?: number;
};

/**
 * The upstream service did not answer in time.
 * Cause: A service behind this one did not respond in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated, or give it more time.
 */
export type RoutermcpUpstreamTimeout = {
  error: "upstream_timeout";
  message: string;
  retryAfter?: number;
};

/** An error in the format `routermcp_rpc`. */
export type RoutermcpRpcError = {
  error:
    | RoutermcpRpcCode32001
    | RoutermcpRpcCode32601
    | RoutermcpRpcCode32600
    | RoutermcpRpcCode32602
    | RoutermcpRpcCode32005
    | RoutermcpRpcCode32603
    | RoutermcpRpcCode32004;
  id: string | number | null;
  jsonrpc: "2.0";
};

/** A code of [`RoutermcpRpcError`]. */
export type RoutermcpRpcCode = RoutermcpRpcError["error"]["code"];

/**
 * Valid credentials are required.
 * Cause: The request has no key, or not one of the API.
 * Fix: Send a key as `Authorization: Bearer KEY`.
 * 
 * You do not have permission to do this.
 * Cause: The key is one of the API, and may not do this.
 * Fix: Use a key that may.
 */
export type RoutermcpRpcCode32001 = {
  code: -32001;
  data?: {
    reason?: string;
  };
  message: "Unauthorized";
};

/**
 * The requested resource was not found.
 * Cause: The resource does not exist, or not any more.
 * Fix: Check the number or the name in the path.
 * 
 * Nothing is served under this path.
 * Cause: No route of the API has this path.
 * Fix: Check the path against `/openapi.json`.
 */
export type RoutermcpRpcCode32601 = {
  code: -32601;
  data?: {
    reason?: string;
    resource_id?: string | null;
    resource_type?: string | null;
  };
  message: "Method not found";
};

/**
 * The request could not be understood.
 * Cause: The request breaks a rule of HTTP, or its path or its content cannot be read, such as JSON with a syntax error.
 * Fix: Correct the request. The same request fails again.
 * 
 * The client version has an invalid format.
 * Cause: The request names no version of the client, or one of another form.
 * Fix: Send the version of the client in the form that the service expects.
 * 
 * The requested version is not supported.
 * Cause: The request names no version of the API or of the protocol, or one that the service does not support.
 * Fix: Use one of the versions in `supported`.
 * 
 * The client version is newer than this service.
 * Cause: The client is newer than the newest version that the service supports.
 * Fix: Use an older version of the client, or wait until the service is updated.
 * 
 * The resource does not support this method.
 * Cause: The path exists, and does not support the method of the request.
 * Fix: Use a method that the `Allow` field of the response names.
 * 
 * No representation satisfies the Accept fields of the request.
 * Cause: The service has no representation of a type that the `Accept` field of the request allows.
 * Fix: Accept a type that the reference names, or any by `*\/*`.
 * 
 * The request took too long to arrive.
 * Cause: The content of the request arrived too slowly, or paused for too long.
 * Fix: Send the request again, over a better connection or with less content.
 * 
 * The content of the request is too large.
 * Cause: The content of the request is larger than the service accepts.
 * Fix: Send less content, or send it in several requests.
 * 
 * The target of the request is too long.
 * Cause: The target of the request, its path and its query, is longer than the service accepts.
 * Fix: Shorten the path and the query; send long values in the content.
 * 
 * The content type of the request is not supported.
 * Cause: The `Content-Type` field is missing, or names a type that this route does not accept.
 * Fix: Send the content in a type that the reference names, with its `Content-Type`.
 * 
 * The server requires another protocol for this request.
 * Cause: This route is for another protocol, such as WebSocket.
 * Fix: Use the protocol that the `Upgrade` field of the response names.
 * 
 * The client version is no longer supported.
 * Cause: The client is older than the oldest version that the service supports, or its platform or build is not supported any more.
 * Fix: Update the client to `min_version` or later; `update_url` is where to get it.
 * 
 * The header fields of the request are too large.
 * Cause: The header fields of the request are larger than the service accepts.
 * Fix: Send fewer and shorter header fields; large cookies are a common cause.
 * 
 * The request was cancelled.
 * Cause: The client closed the connection or cancelled the request before the response.
 * Fix: None is needed if the client meant to; otherwise give the request more time.
 */
export type RoutermcpRpcCode32600 = {
  code: -32600;
  data?: {
    client_version?: string | null;
    errors?: Array<{
      field: string;
      message: string;
      value?: string;
    }>;
    min_version?: string | null;
    reason?: string;
    requested?: string | null;
    retryAfter?: number;
    server_version?: string | null;
    supported?: Array<string> | null;
    update_url?: string | null;
  };
  message: "Invalid request";
};

/**
 * The request has fields that are not valid.
 * Cause: The request can be read, and values in it are not valid.
 * Fix: Correct the fields that the error names. The same request fails again.
 * 
 * The request asks for more than is allowed at once.
 * Cause: The request alone costs more than the limit ever allows at once, so that waiting does not help.
 * Fix: Ask for less at once, such as a smaller page or batch.
 */
export type RoutermcpRpcCode32602 = {
  code: -32602;
  data?: {
    errors?: Array<{
      field: string;
      message: string;
      value?: string;
    }>;
    reason?: string;
  };
  message: "Invalid params";
};

/**
 * Too many requests; try again later.
 * Cause: The client has sent more requests than the limit allows in a short time.
 * Fix: Wait for the seconds in `Retry-After`, and send requests at a lower rate.
 * 
 * The quota of this period is used up.
 * Cause: The client has used up what it may use in this period, such as a day or a month.
 * Fix: Wait for the next period, which `Retry-After` says, or ask for a larger quota.
 */
export type RoutermcpRpcCode32005 = {
  code: -32005;
  data?: {
    reason?: string;
    retryAfter?: number;
  };
  message: "Rate limit exceeded";
};

/**
 * An unexpected error occurred.
 * Cause: The service failed in a way that it did not expect. The request may or may not have taken effect.
 * Fix: Try again later. If the error persists, report its `error_id`.
 * 
 * The service does not implement what the request needs.
 * Cause: The request needs a feature of HTTP that the service does not implement.
 * Fix: Send the request without that feature, such as an uncommon transfer coding.
 * 
 * The service is temporarily unavailable.
 * Cause: The service cannot take requests now, as during a deployment or an outage.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 * 
 * The service is temporarily unavailable.
 * Cause: The service has more requests than it can serve, and sheds some.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 * 
 * An upstream server did not respond in time.
 * Cause: A gateway on the way did not get a response in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated.
 */
export type RoutermcpRpcCode32603 = {
  code: -32603;
  data?: {
    reason?: string;
    retryAfter?: number;
  };
  message: "Internal error";
};

/**
 * The upstream service failed.
 * Cause: A service behind this one responded with an error, or its response broke off.
 * Fix: Try again later. If the error persists, report it.
 * 
 * The upstream service could not be reached.
 * Cause: This service could not connect to a service behind it.
 * Fix: Try again later. If the error persists, report it.
 * 
 * The upstream service did not answer in time.
 * Cause: A service behind this one did not respond in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated, or give it more time.
 */
export type RoutermcpRpcCode32004 = {
  code: -32004;
  data?: {
    reason?: string;
    retryAfter?: number;
  };
  message: "Upstream error";
};

/** An error in the format `mcp`. */
export type McpError = {
  error:
    | McpUnauthenticated
    | McpPermissionDenied
    | McpCode404
    | McpCode32600
    | McpUnsupportedVersion
    | McpCode32020
    | McpMethodNotAllowed
    | McpNotAcceptable
    | McpRequestTimeout
    | McpContentTooLarge
    | McpUriTooLong
    | McpUnsupportedMediaType
    | McpCode32602
    | McpCode426
    | McpCode429
    | McpHeaderFieldsTooLarge
    | McpCancelled
    | McpInternalError
    | McpNotImplemented
    | McpCode502
    | McpCode503
    | McpCode504;
  id?: string | number;
  jsonrpc: "2.0";
};

/** A code of [`McpError`]. */
export type McpCode = McpError["error"]["code"];

/**
 * Valid credentials are required.
 * Cause: The request has no key, or not one of the API.
 * Fix: Send a key as `Authorization: Bearer KEY`.
 */
export type McpUnauthenticated = {
  code: 401;
  data?: {
    reason?: string;
  };
  message: "Unauthorized";
};

/**
 * You do not have permission to do this.
 * Cause: The key is one of the API, and may not do this.
 * Fix: Use a key that may.
 */
export type McpPermissionDenied = {
  code: 403;
  data?: {
    reason?: string;
  };
  message: "Forbidden";
};

/**
 * The requested resource was not found.
 * Cause: The resource does not exist, or not any more.
 * Fix: Check the number or the name in the path.
 * 
 * Nothing is served under this path.
 * Cause: No route of the API has this path.
 * Fix: Check the path against `/openapi.json`.
 */
export type McpCode404 = {
  code: 404;
  data?: {
    reason?: string;
    resource_id?: string | null;
    resource_type?: string | null;
  };
  message: "Not Found";
};

/**
 * The request could not be understood.
 * Cause: The request breaks a rule of HTTP, or its path or its content cannot be read, such as JSON with a syntax error.
 * Fix: Correct the request. The same request fails again.
 * 
 * The client version has an invalid format.
 * Cause: The request names no version of the client, or one of another form.
 * Fix: Send the version of the client in the form that the service expects.
 * 
 * The client version is newer than this service.
 * Cause: The client is newer than the newest version that the service supports.
 * Fix: Use an older version of the client, or wait until the service is updated.
 */
export type McpCode32600 = {
  code: -32600;
  data?: {
    client_version?: string | null;
    errors?: Array<{
      field: string;
      message: string;
      value?: string;
    }>;
    min_version?: string | null;
    reason?: string;
    server_version?: string | null;
    update_url?: string | null;
  };
  message: "Invalid request";
};

/**
 * The requested version is not supported.
 * Cause: The request names no version of the API or of the protocol, or one that the service does not support.
 * Fix: Use one of the versions in `supported`.
 */
export type McpUnsupportedVersion = {
  code: -32022;
  data?: {
    reason?: string;
    requested?: string | null;
    supported?: Array<string> | null;
  };
  message: "Unsupported protocol version";
};

/**
 * The requested version is not supported.
 * Cause: The request names no version of the API or of the protocol, or one that the service does not support.
 * Fix: Use one of the versions in `supported`.
 */
export type McpCode32020 = {
  code: -32020;
  data: {
    reason: string;
  };
  message: "Header mismatch";
};

/**
 * The resource does not support this method.
 * Cause: The path exists, and does not support the method of the request.
 * Fix: Use a method that the `Allow` field of the response names.
 */
export type McpMethodNotAllowed = {
  code: 405;
  data?: {
    reason?: string;
  };
  message: "Method Not Allowed";
};

/**
 * No representation satisfies the Accept fields of the request.
 * Cause: The service has no representation of a type that the `Accept` field of the request allows.
 * Fix: Accept a type that the reference names, or any by `*\/*`.
 */
export type McpNotAcceptable = {
  code: 406;
  data?: {
    reason?: string;
  };
  message: "Not Acceptable";
};

/**
 * The request took too long to arrive.
 * Cause: The content of the request arrived too slowly, or paused for too long.
 * Fix: Send the request again, over a better connection or with less content.
 */
export type McpRequestTimeout = {
  code: 408;
  data?: {
    reason?: string;
    retryAfter?: number;
  };
  message: "Request Timeout";
};

/**
 * The content of the request is too large.
 * Cause: The content of the request is larger than the service accepts.
 * Fix: Send less content, or send it in several requests.
 */
export type McpContentTooLarge = {
  code: 413;
  data?: {
    reason?: string;
  };
  message: "Content Too Large";
};

/**
 * The target of the request is too long.
 * Cause: The target of the request, its path and its query, is longer than the service accepts.
 * Fix: Shorten the path and the query; send long values in the content.
 */
export type McpUriTooLong = {
  code: 414;
  data?: {
    reason?: string;
  };
  message: "URI Too Long";
};

/**
 * The content type of the request is not supported.
 * Cause: The `Content-Type` field is missing, or names a type that this route does not accept.
 * Fix: Send the content in a type that the reference names, with its `Content-Type`.
 */
export type McpUnsupportedMediaType = {
  code: 415;
  data?: {
    reason?: string;
  };
  message: "Unsupported Media Type";
};

/**
 * The request has fields that are not valid.
 * Cause: The request can be read, and values in it are not valid.
 * Fix: Correct the fields that the error names. The same request fails again.
 * 
 * The request asks for more than is allowed at once.
 * Cause: The request alone costs more than the limit ever allows at once, so that waiting does not help.
 * Fix: Ask for less at once, such as a smaller page or batch.
 */
export type McpCode32602 = {
  code: -32602;
  data?: {
    errors?: Array<{
      field: string;
      message: string;
      value?: string;
    }>;
    reason?: string;
  };
  message: "Invalid params";
};

/**
 * The server requires another protocol for this request.
 * Cause: This route is for another protocol, such as WebSocket.
 * Fix: Use the protocol that the `Upgrade` field of the response names.
 * 
 * The client version is no longer supported.
 * Cause: The client is older than the oldest version that the service supports, or its platform or build is not supported any more.
 * Fix: Update the client to `min_version` or later; `update_url` is where to get it.
 */
export type McpCode426 = {
  code: 426;
  data?: {
    client_version?: string | null;
    min_version?: string | null;
    reason?: string;
    server_version?: string | null;
    update_url?: string | null;
  };
  message: "Upgrade Required";
};

/**
 * Too many requests; try again later.
 * Cause: The client has sent more requests than the limit allows in a short time.
 * Fix: Wait for the seconds in `Retry-After`, and send requests at a lower rate.
 * 
 * The quota of this period is used up.
 * Cause: The client has used up what it may use in this period, such as a day or a month.
 * Fix: Wait for the next period, which `Retry-After` says, or ask for a larger quota.
 */
export type McpCode429 = {
  code: 429;
  data?: {
    reason?: string;
    retryAfter?: number;
  };
  message: "Too Many Requests";
};

/**
 * The header fields of the request are too large.
 * Cause: The header fields of the request are larger than the service accepts.
 * Fix: Send fewer and shorter header fields; large cookies are a common cause.
 */
export type McpHeaderFieldsTooLarge = {
  code: 431;
  data?: {
    reason?: string;
  };
  message: "Request Header Fields Too Large";
};

/**
 * The request was cancelled.
 * Cause: The client closed the connection or cancelled the request before the response.
 * Fix: None is needed if the client meant to; otherwise give the request more time.
 */
export type McpCancelled = {
  code: 499;
  data?: {
    reason?: string;
  };
  message: "Client Closed Request";
};

/**
 * An unexpected error occurred.
 * Cause: The service failed in a way that it did not expect. The request may or may not have taken effect.
 * Fix: Try again later. If the error persists, report its `error_id`.
 */
export type McpInternalError = {
  code: -32603;
  data?: {
    error_id?: string;
    reason?: string;
    retryAfter?: number;
  };
  message: "Internal error";
};

/**
 * The service does not implement what the request needs.
 * Cause: The request needs a feature of HTTP that the service does not implement.
 * Fix: Send the request without that feature, such as an uncommon transfer coding.
 */
export type McpNotImplemented = {
  code: 501;
  data?: {
    error_id?: string;
    reason?: string;
  };
  message: "Not Implemented";
};

/**
 * The upstream service failed.
 * Cause: A service behind this one responded with an error, or its response broke off.
 * Fix: Try again later. If the error persists, report it.
 * 
 * The upstream service could not be reached.
 * Cause: This service could not connect to a service behind it.
 * Fix: Try again later. If the error persists, report it.
 */
export type McpCode502 = {
  code: 502;
  data?: {
    error_id?: string;
    reason?: string;
    retryAfter?: number;
  };
  message: "Bad Gateway";
};

/**
 * The service is temporarily unavailable.
 * Cause: The service cannot take requests now, as during a deployment or an outage.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 * 
 * The service is temporarily unavailable.
 * Cause: The service has more requests than it can serve, and sheds some.
 * Fix: Wait for the seconds in `Retry-After`, if it is there, and try again with backoff.
 */
export type McpCode503 = {
  code: 503;
  data?: {
    error_id?: string;
    reason?: string;
    retryAfter?: number;
  };
  message: "Service Unavailable";
};

/**
 * An upstream server did not respond in time.
 * Cause: A gateway on the way did not get a response in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated.
 * 
 * The upstream service did not answer in time.
 * Cause: A service behind this one did not respond in time. The request may have taken effect.
 * Fix: Try again with backoff, if the request may be repeated, or give it more time.
 */
export type McpCode504 = {
  code: 504;
  data?: {
    error_id?: string;
    reason?: string;
    retryAfter?: number;
  };
  message: "Gateway Timeout";
};
