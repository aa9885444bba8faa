use std::iter;
use std::net::IpAddr;

use http::header::FORWARDED;
use http::{HeaderMap, HeaderName};

use super::node;
use super::quoted::{split_last, unquoted};

/// The one field in which trusted proxies say for whom they ask.
///
/// The other is not read: a proxy that writes one field hands the other on as a client has sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardedField {
    /// `X-Forwarded-For`, a list of addresses.
    #[default]
    XForwardedFor,
    /// `Forwarded`, whose parameter `for` is the address
    /// ([RFC 7239, section 4](https://www.rfc-editor.org/rfc/rfc7239#section-4)).
    Forwarded,
}

impl ForwardedField {
    /// For whom each proxy has asked, the nearest proxy first; `None` for an entry that is no address.
    pub(super) fn hops(self, headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
        let lines = headers.get_all(self.name()).iter().rev();
        let entries = lines.flat_map(move |line| {
            let mut rest = Some(line.as_bytes());
            iter::from_fn(move || {
                let (before, last) = self.split_last(rest?);
                rest = before;
                Some(last)
            })
        });
        entries.map(move |entry| self.address(entry))
    }

    /// Whether anybody says for whom this is asked.
    pub(super) fn is_in(self, headers: &HeaderMap) -> bool {
        headers.contains_key(self.name())
    }

    fn name(self) -> &'static HeaderName {
        match self {
            Self::XForwardedFor => &X_FORWARDED_FOR,
            Self::Forwarded => &FORWARDED,
        }
    }

    fn split_last(self, list: &[u8]) -> (Option<&[u8]>, &[u8]) {
        match self {
            Self::XForwardedFor => match list.iter().rposition(|byte| *byte == b',') {
                Some(at) => (Some(&list[..at]), &list[at + 1..]),
                None => (None, list),
            },
            Self::Forwarded => split_last(list, b','),
        }
    }

    fn address(self, entry: &[u8]) -> Option<IpAddr> {
        let node = match self {
            Self::XForwardedFor => entry.trim_ascii(),
            Self::Forwarded => forwarded_for(entry)?,
        };
        unquoted(node, node::address)
    }
}

/// The parameter `for` of an element, its name in any case, and once at most
/// ([RFC 7239, section 4](https://www.rfc-editor.org/rfc/rfc7239#section-4)).
fn forwarded_for(element: &[u8]) -> Option<&[u8]> {
    let mut node = None;
    let mut rest = Some(element);
    while let Some(pairs) = rest {
        let (before, pair) = split_last(pairs, b';');
        rest = before;
        let pair = pair.trim_ascii();
        if pair.is_empty() {
            continue;
        }
        let (name, value) = pair.split_at(pair.iter().position(|byte| *byte == b'=')?);
        if name.eq_ignore_ascii_case(b"for") && node.replace(&value[1..]).is_some() {
            return None;
        }
    }
    node
}

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
