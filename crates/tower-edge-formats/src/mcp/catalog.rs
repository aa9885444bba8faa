use tower_edge_core::catalog;

catalog! {
    /// The [errors of MCP](https://modelcontextprotocol.io/specification/2026-07-28/basic/index#error-codes). The
    /// protocol defines no code for what is not its own, and has new codes outside of `-32768` to `-32000`: for these
    /// the code is the HTTP status.
    pub static CATALOG;

    /// The body is not one JSON-RPC request or notification
    #[api(BadRequest, code = -32600, message = "Invalid request",
        fix = "Send each message in a POST of its own, with a string or an integer as its id")]
    pub const INVALID_REQUEST;
    /// The body is not valid JSON
    #[api(BadRequest, code = -32700, message = "Parse error")]
    pub const PARSE_ERROR;
    // The row for the kind, since the code of the next one is for methods alone.
    #[api(NotFound, code = 404)] const _;
    /// The server does not have the method
    #[api(NotFound, code = -32601, message = "Method not found")]
    pub const METHOD_NOT_FOUND;
    /// The parameters are not valid, or `_meta` lacks the protocol version or the client's capabilities
    #[api(Validation, code = -32602, status = 400, message = "Invalid params")]
    pub const INVALID_PARAMS;
    /// The server has failed
    #[api(Internal, code = -32603, message = "Internal error")]
    pub const INTERNAL_ERROR;
    /// MCP-Protocol-Version, Mcp-Method or Mcp-Name is missing, is not valid, or differs from the body
    #[api(BadRequest, code = -32020, message = "Header mismatch",
        fix = "Repeat the version, the method and the name of the body in the header fields")]
    pub const HEADER_MISMATCH;
    /// The client has not declared a capability that the request needs
    #[api(BadRequest, code = -32021, message = "Missing required client capability",
        fix = "Declare the capabilities of `requiredCapabilities`, where the client has them",
        details(requiredCapabilities: object))]
    pub const MISSING_CLIENT_CAPABILITY;
    /// The server does not speak the version in MCP-Protocol-Version
    #[api(VersionUnsupported, code = -32022, message = "Unsupported protocol version",
        fix = "Use one of the versions in `supported`", details(requested: string, supported: array(string)))]
    pub const UNSUPPORTED_PROTOCOL_VERSION;
    #[api(Unauthenticated, code = 401)] const _;
    #[api(PaymentRequired, code = 402)] const _;
    #[api(PermissionDenied, code = 403)] const _;
    #[api(MethodNotAllowed, code = 405)] const _;
    #[api(NotAcceptable, code = 406)] const _;
    #[api(RequestTimeout, code = 408)] const _;
    #[api(Conflict, code = 409)] const _;
    #[api(Gone, code = 410)] const _;
    #[api(LengthRequired, code = 411)] const _;
    #[api(PreconditionFailed, code = 412)] const _;
    #[api(ContentTooLarge, code = 413)] const _;
    #[api(UriTooLong, code = 414)] const _;
    #[api(UnsupportedMediaType, code = 415)] const _;
    #[api(RangeNotSatisfiable, code = 416)] const _;
    #[api(Locked, code = 423)] const _;
    #[api(UpgradeRequired, code = 426)] const _;
    #[api(PreconditionRequired, code = 428)] const _;
    #[api(RateLimited, code = 429)] const _;
    #[api(HeaderFieldsTooLarge, code = 431)] const _;
    #[api(LegallyRestricted, code = 451)] const _;
    #[api(Cancelled, code = 499)] const _;
    #[api(NotImplemented, code = 501)] const _;
    #[api(UpstreamError, code = 502)] const _;
    #[api(Unavailable, code = 503)] const _;
    #[api(GatewayTimeout, code = 504)] const _;
}
