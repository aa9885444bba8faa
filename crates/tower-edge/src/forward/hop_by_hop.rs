use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Removes hop-by-hop fields: those that `Connection` names, and those known to be for one connection only ([RFC
/// 9110, section 7.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1)).
///
/// It works for requests and for responses.
#[doc(alias("hop-by-hop"))]
pub fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect();
    for name in named.iter().chain(&KNOWN) {
        headers.remove(name);
    }
}

/// Joins the lines of a field into one, without the empty ones, since many recipients read only the first line.
pub(super) fn join(headers: &mut HeaderMap, name: &HeaderName, separator: &[u8]) {
    let mut values = headers.get_all(name).iter();
    if values.by_ref().take(2).count() < 2 {
        return;
    }
    let lines = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    if let Ok(line) = HeaderValue::try_from(lines.join(separator)) {
        headers.insert(name, line);
    }
}

static KNOWN: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    // RFC 9110, section 7.6.1: fields named by Connection are removed with it.
    #[test]
    fn what_connection_names_goes_with_it() {
        let mut headers = HeaderMap::new();
        headers.append("connection", HeaderValue::from_static("close,  X-One"));
        headers.append("connection", HeaderValue::from_static("x-two, not a name"));
        for name in [
            "x-one",
            "x-two",
            "te",
            "upgrade",
            "keep-alive",
            "transfer-encoding",
            "accept",
        ] {
            headers.insert(name, HeaderValue::from_static("x"));
        }

        remove_hop_by_hop(&mut headers);

        assert_eq!(headers.keys().collect::<Vec<_>>(), ["accept"]);
    }

    #[test]
    fn several_lines_become_one_and_one_stays() {
        let name = HeaderName::from_static("cookie");
        for (lines, expected) in [
            (&[][..], &[][..]),
            (&["a=1"], &["a=1"]),
            (&["a=1", "b=2", "c=3"], &["a=1; b=2; c=3"]),
            (&["", "a=1", ""], &["a=1"]),
            (&["", ""], &[""]),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(&name, HeaderValue::from_static(line));
            }

            join(&mut headers, &name, b"; ");

            let joined: Vec<_> = headers.get_all(&name).iter().collect();
            assert_eq!(joined, expected);
        }
    }
}
