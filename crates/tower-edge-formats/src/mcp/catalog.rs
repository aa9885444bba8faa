use http::StatusCode;
use tower_edge_core::{Code, Definition, DetailDefinition, DetailType, Kind, catalog};

catalog! {
    /// The [errors of MCP](https://modelcontextprotocol.io/specification/2026-07-28/basic/index#error-codes). The
    /// protocol defines no code for what is not its own, and has new codes outside of `-32768` to `-32000`: for these the
    /// code is the HTTP status.
    pub static CATALOG;

    /// The message is no request, or the request is of no valid form.
    pub const INVALID_REQUEST = error("invalid_request", Kind::BadRequest, -32600, "Invalid request")
        .with_cause("The body is not one JSON-RPC request or notification")
        .with_resolution("Send each message in a POST of its own, with a string or an integer as its id");
    /// The body is not JSON.
    pub const PARSE_ERROR = error("parse_error", Kind::BadRequest, -32700, "Parse error")
        .with_cause("The body is not valid JSON");
    // The row for the kind, as the code of the next one is for methods alone.
    const _ = status(Kind::NotFound, 404);
    /// The server does not have the method.
    pub const METHOD_NOT_FOUND = error("method_not_found", Kind::NotFound, -32601, "Method not found")
        .with_cause("The server does not have the method");
    /// The parameters are not valid, or lack a required member of `_meta`.
    pub const INVALID_PARAMS = error("invalid_params", Kind::Validation, -32602, "Invalid params")
        .with_status(StatusCode::BAD_REQUEST)
        .with_cause("The parameters are not valid, or `_meta` lacks the protocol version or the client's capabilities");
    /// The server has failed.
    pub const INTERNAL_ERROR = error("internal_error", Kind::Internal, -32603, "Internal error")
        .with_cause("The server has failed");
    /// A header field is missing, or differs from the body.
    pub const HEADER_MISMATCH = error("header_mismatch", Kind::BadRequest, -32020, "Header mismatch")
        .with_cause("MCP-Protocol-Version, Mcp-Method or Mcp-Name is missing, is not valid, or differs from the body")
        .with_resolution("Repeat the version, the method and the name of the body in the header fields");
    /// The client has not declared a capability that the request needs.
    pub const MISSING_CLIENT_CAPABILITY = error("missing_client_capability", Kind::BadRequest, -32021,
        "Missing required client capability").with_details(&[DetailDefinition::new("requiredCapabilities", DetailType::Any)])
        .with_cause("The client has not declared a capability that the request needs")
        .with_resolution("Declare the capabilities of `requiredCapabilities`, where the client has them");
    /// The server does not speak this version of the protocol.
    pub const UNSUPPORTED_PROTOCOL_VERSION = error("unsupported_protocol_version", Kind::VersionUnsupported, -32022,
        "Unsupported protocol version").with_details(&[DetailDefinition::new("requested", DetailType::Any), DetailDefinition::new("supported", DetailType::Any)])
        .with_cause("The server does not speak the version in MCP-Protocol-Version")
        .with_resolution("Use one of the versions in `supported`");
    const _ = status(Kind::Unauthenticated, 401);
    const _ = status(Kind::PaymentRequired, 402);
    const _ = status(Kind::PermissionDenied, 403);
    const _ = status(Kind::MethodNotAllowed, 405);
    const _ = status(Kind::NotAcceptable, 406);
    const _ = status(Kind::RequestTimeout, 408);
    const _ = status(Kind::Conflict, 409);
    const _ = status(Kind::Gone, 410);
    const _ = status(Kind::LengthRequired, 411);
    const _ = status(Kind::PreconditionFailed, 412);
    const _ = status(Kind::ContentTooLarge, 413);
    const _ = status(Kind::UriTooLong, 414);
    const _ = status(Kind::UnsupportedMediaType, 415);
    const _ = status(Kind::RangeNotSatisfiable, 416);
    const _ = status(Kind::Locked, 423);
    const _ = status(Kind::UpgradeRequired, 426);
    const _ = status(Kind::PreconditionRequired, 428);
    const _ = status(Kind::RateLimited, 429);
    const _ = status(Kind::HeaderFieldsTooLarge, 431);
    const _ = status(Kind::LegallyRestricted, 451);
    const _ = status(Kind::Cancelled, 499);
    const _ = status(Kind::NotImplemented, 501);
    const _ = status(Kind::UpstreamError, 502);
    const _ = status(Kind::Unavailable, 503);
    const _ = status(Kind::GatewayTimeout, 504);
}

const fn error(key: &'static str, kind: Kind, code: i64, message: &'static str) -> Definition {
    Definition::new(key, kind)
        .with_code(Code::Integer(code))
        .with_message(message)
}

const fn status(kind: Kind, code: i64) -> Definition {
    Definition::new(kind.name(), kind).with_code(Code::Integer(code))
}
