use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::uri::Scheme;
use http::{HeaderMap, Version};
use tower_edge_core::http_ext::SingleHeader;
use tower_edge_core::{Head, Kind};

use super::authority::Authority;

/// Why a request is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    HostDiffers,
    HostInvalid,
    HostMissing,
    HostRepeated,
    LengthAndCoding,
    TargetInvalid,
    TransferEncodingInvalid,
    TransferEncodingUnexpected,
    TransferCodingUnknown,
}

impl Fault {
    /// The first fault of this request.
    pub(super) fn of(head: Head<'_>) -> Option<Self> {
        framing(head).and_then(|()| authority(head)).err()
    }

    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::TransferCodingUnknown => Kind::NotImplemented,
            _ => Kind::BadRequest,
        }
    }

    /// Whether the end of the request is uncertain, and so where the next one begins.
    pub(super) const fn is_about_framing(self) -> bool {
        matches!(
            self,
            Self::LengthAndCoding
                | Self::TransferEncodingInvalid
                | Self::TransferEncodingUnexpected
                | Self::TransferCodingUnknown
        )
    }

    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::HostDiffers => "The Host field names another host than the target of the request",
            Self::HostInvalid => "The Host field is not a host with an optional port",
            Self::HostMissing => "The request does not name the host that it is for",
            Self::HostRepeated => "The request has more than one Host field",
            Self::LengthAndCoding => "The request has both Content-Length and Transfer-Encoding",
            Self::TargetInvalid => {
                "The authority of the request's target is not a host with an optional port"
            }
            Self::TransferEncodingInvalid => "The request's Transfer-Encoding is not chunked once",
            Self::TransferEncodingUnexpected => {
                "This version of HTTP has no Transfer-Encoding in requests"
            }
            Self::TransferCodingUnknown => "The server knows no other transfer coding than chunked",
        }
    }
}

/// Checks that the request names its host.
fn authority(head: Head<'_>) -> Result<(), Fault> {
    let target = match head.uri.authority() {
        Some(target) => {
            let target = Authority::parse(target.as_str().as_bytes());
            Some(target.ok_or(Fault::TargetInvalid)?)
        }
        None => None,
    };
    let is_multiplexed = head.version >= Version::HTTP_2;
    let host = match SingleHeader::from_headers(head.headers, &HOST) {
        SingleHeader::One(value) => value.as_bytes(),
        SingleHeader::Many => return Err(Fault::HostRepeated),
        SingleHeader::Missing => {
            let is_needed = head.version == Version::HTTP_11 || is_multiplexed && target.is_none();
            return if is_needed {
                Err(Fault::HostMissing)
            } else {
                Ok(())
            };
        }
    };
    if host.is_empty() && target.is_none() && !is_multiplexed {
        return Ok(());
    }
    let host = Authority::parse(host).ok_or(Fault::HostInvalid)?;
    // On HTTP/1.1 the target takes precedence over the field.
    match target.filter(|_| is_multiplexed) {
        Some(target) if !host.is_same(&target, default_port(head.uri.scheme())) => {
            Err(Fault::HostDiffers)
        }
        _ => Ok(()),
    }
}

fn default_port(scheme: Option<&Scheme>) -> Option<u16> {
    if scheme == Some(&Scheme::HTTPS) {
        Some(443)
    } else if scheme == Some(&Scheme::HTTP) {
        Some(80)
    } else {
        None
    }
}

/// Checks that the end of the request is certain.
fn framing(head: Head<'_>) -> Result<(), Fault> {
    if !head.headers.contains_key(TRANSFER_ENCODING) {
        return Ok(());
    }
    if head.version != Version::HTTP_11 {
        return Err(Fault::TransferEncodingUnexpected);
    }
    codings(head.headers)?;
    if head.headers.contains_key(CONTENT_LENGTH) {
        return Err(Fault::LengthAndCoding);
    }
    Ok(())
}

/// Several fields are one list. Its empty elements do not count ([RFC 9110, section
/// 5.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1)).
fn codings(headers: &HeaderMap) -> Result<(), Fault> {
    let fields = headers.get_all(TRANSFER_ENCODING).iter();
    let codings = fields
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|coding| !coding.is_empty());
    let (mut is_chunked, mut is_only) = (false, true);
    for coding in codings {
        if is_chunked {
            return Err(Fault::TransferEncodingInvalid);
        }
        is_chunked = coding.eq_ignore_ascii_case(b"chunked");
        is_only &= is_chunked;
    }
    match (is_chunked, is_only) {
        (false, _) => Err(Fault::TransferEncodingInvalid),
        (true, false) => Err(Fault::TransferCodingUnknown),
        (true, true) => Ok(()),
    }
}
