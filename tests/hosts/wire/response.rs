//! A response as it stands on the wire, and what holds for each.

use std::collections::HashSet;
use std::fmt;
use std::io::Read;

use flate2::read::GzDecoder;
use http::{HeaderMap, Method};
use tower_edge_tests::Protocol;

/// Why a response is not as it has to be.
pub(crate) type Checked<T = ()> = Result<T, String>;

/// Fails the case where something is not as it has to be.
macro_rules! ensure {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err(format!($($why)+));
        }
    };
}
pub(crate) use ensure;

pub(crate) struct Response {
    pub(crate) protocol: Protocol,
    /// That of the request.
    pub(crate) method: Method,
    /// As it is written, such as `HTTP/1.0`; empty over HTTP/2.
    pub(crate) version: String,
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Vec<(String, String)>,
}

impl Response {
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let fields = self.fields.iter().filter(|(other, _)| other == name);
        fields.map(|(_, value)| value.as_str()).collect()
    }

    /// Whether the server closes the connection behind it.
    pub(crate) fn closes(&self) -> bool {
        let mut options = self.values("connection").into_iter();
        options.any(|options| options.split(", ").any(|option| option == "close"))
    }

    /// The status, and each of gRPC.
    pub(crate) fn outcome(&self) -> String {
        let fields = self.fields.iter().chain(&self.trailers);
        let grpc = fields.filter(|(name, _)| name == "grpc-status");
        let mut outcome = self.status.to_string();
        for (_, status) in grpc {
            outcome = format!("{outcome}/{status}");
        }
        // https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md has the trailers in the body.
        if self.values("content-type") == ["application/grpc-web+proto"] {
            let content = self.content().unwrap_or_default();
            let content = String::from_utf8_lossy(&content);
            let lines = content.split("\r\n");
            for (_, status) in lines.filter_map(|line| line.split_once("grpc-status:")) {
                outcome = format!("{outcome}/{}", status.trim());
            }
        }
        outcome
    }

    /// The body without its coding.
    pub(crate) fn content(&self) -> Checked<Vec<u8>> {
        let mut content = Vec::new();
        match self.values("content-encoding")[..] {
            [] => content.clone_from(&self.body),
            ["gzip"] => {
                let read = GzDecoder::new(&*self.body).read_to_end(&mut content);
                ensure!(read.is_ok(), "{read:?}: {self:?}");
            }
            ref codings => return Err(format!("{codings:?}: {self:?}")),
        }
        Ok(content)
    }

    /// What holds for every response: its framing, its id and its fields.
    pub(crate) fn check(self, outcome: &str) -> Checked<Self> {
        ensure!(self.outcome() == outcome, "expected {outcome}: {self:?}");
        let ids = self.values("x-correlation-id");
        ensure!(ids.len() == 1, "{} correlation ids: {self:?}", ids.len());
        ensure!(ids[0].len() == 32, "the id {}: {self:?}", ids[0]);
        let origins = self.values("access-control-allow-origin");
        ensure!(origins == ["*"], "no browser may read it: {self:?}");

        let mut names = HashSet::new();
        for (name, _) in &self.fields {
            let is_new = names.insert(name) || LISTS.contains(&name.as_str());
            ensure!(is_new, "{name} twice: {self:?}");
        }
        match self.protocol {
            Protocol::Http1 => self.check_framing()?,
            Protocol::Http2 => self.check_length()?,
        }
        Ok(self)
    }

    /// <https://www.rfc-editor.org/rfc/rfc9112#section-6>
    fn check_framing(&self) -> Checked {
        let lengths = self.values("content-length").len();
        let codings = self.values("transfer-encoding");
        let is_last = self.version == "HTTP/1.0" || self.closes();
        let is_bare = self.status == 101 || self.status == 204;
        let framings = lengths + codings.len();
        if is_bare {
            // https://www.rfc-editor.org/rfc/rfc9110#section-8.6-8
            ensure!(framings == 0, "a framing of nothing: {self:?}");
        } else if self.method != Method::HEAD && !is_last {
            ensure!(framings == 1, "{framings} framings: {self:?}");
        }
        ensure!(framings <= 1, "{framings} framings: {self:?}");
        let is_chunked = codings == ["chunked"] && self.version == "HTTP/1.1";
        ensure!(codings.is_empty() || is_chunked, "{codings:?}: {self:?}");
        Ok(())
    }

    /// <https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2>
    fn check_length(&self) -> Checked {
        for name in CONNECTION_SPECIFIC {
            ensure!(self.values(name).is_empty(), "{name} on HTTP/2: {self:?}");
        }
        let lengths = self.values("content-length");
        let is_right = lengths.is_empty() || lengths == [self.body.len().to_string()];
        let is_right = is_right || self.method == Method::HEAD && lengths.len() == 1;
        ensure!(is_right, "content-length {lengths:?}: {self:?}");
        Ok(())
    }

    /// The body of a rejection has this media type, and is there once.
    pub(crate) fn check_rejection(self, content_type: &str) -> Checked<Self> {
        let types = self.values("content-type");
        ensure!(types == [content_type], "{types:?}: {self:?}");
        if content_type.ends_with("json") && self.method != Method::HEAD {
            // A message of a stream has a flag and its length before it.
            let start = if content_type.starts_with("application/connect") {
                5
            } else {
                0
            };
            let content = self.content()?;
            let content = content.get(start..).unwrap_or_default();
            let json: Result<serde_json::Value, _> = serde_json::from_slice(content);
            ensure!(json.is_ok(), "{json:?}: {self:?}");
        }
        Ok(self)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} to {}", self.version, self.status, self.method)?;
        for (name, value) in self.fields.iter().chain(&self.trailers) {
            writeln!(f, "{name}: {value}")?;
        }
        write!(f, "{}", String::from_utf8_lossy(&self.body))
    }
}

pub(crate) fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let pairs = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.to_string(), value.into_owned())
    });
    pairs.collect()
}

/// Fields that are lists, and so may stand more than once.
const LISTS: [&str; 2] = ["set-cookie", "vary"];
const CONNECTION_SPECIFIC: [&str; 5] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
];
