use std::time::SystemTime;

use http::header::{LINK, VARY};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::rule::Rule;
use super::{ending, token};
use crate::version_gate::Version;

/// Header fields that are added to the answers of clients that are served; rendered once.
#[derive(Debug)]
pub(in super::super) struct Fields(Vec<(HeaderName, HeaderValue)>);

impl Fields {
    /// Those for clients whom an update is recommended to, or who will need one; for others, and for
    /// those below the version under which the resource is ending. `None` where there is nothing to
    /// say.
    pub(super) fn of<V: Version>(
        rule: &Rule<V>,
        update: Option<Update<'_, V>>,
        is_ending: bool,
    ) -> Option<Self> {
        let mut fields = Vec::new();
        if let Some(update) = update {
            fields.extend(announced(rule, &update).map(|value| (X_CLIENT_UPDATE, value)));
            let url = rule.update_url.as_deref();
            // No registered relation is about software; `related` claims nothing that is not so.
            let link = url.and_then(|url| token::link(url, "rel=\"related\"; title=\"update\""));
            fields.extend(link.map(|link| (LINK, link)));
        }
        if let Some((_, ending)) = rule.ending.as_ref().filter(|_| is_ending) {
            fields.extend(ending.fields());
        }
        (!fields.is_empty()).then_some(Self(fields))
    }

    /// Adds them beside what the inner service has said, and that they depend on these fields.
    pub(in super::super) fn write(&self, vary: Option<&HeaderValue>, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            if *name == LINK {
                headers.append(name, value.clone());
            } else {
                headers.insert(name, value.clone());
            }
        }
        if let Some(vary) = vary {
            headers.append(VARY, vary.clone());
        }
    }
}

/// What a client that is served is told of an update.
#[derive(Debug)]
pub(super) enum Update<'a, V> {
    Recommended,
    /// To this version or a later one, where another is no remedy for its own; from this time on.
    Required(Option<&'a V>, Option<SystemTime>),
}

/// An Item of structured fields ([RFC 9651, section
/// 3.3](https://www.rfc-editor.org/rfc/rfc9651#section-3.3)): a token, and the versions as strings.
fn announced<V: Version>(rule: &Rule<V>, update: &Update<'_, V>) -> Option<HeaderValue> {
    let (token, version, from) = match update {
        Update::Recommended => ("recommended", rule.recommended.as_ref(), None),
        Update::Required(version, from) => ("required", *version, *from),
    };
    let mut value = token.to_owned();
    if let Some(version) = version {
        value += &parameter("version", version);
    }
    if let Some(from) = from {
        value += &at(from);
    }
    if let Some(latest) = &rule.latest {
        value += &parameter("latest", latest);
    }
    HeaderValue::try_from(value).ok()
}

/// A String cannot hold everything; what it cannot hold is left out.
fn parameter(name: &str, version: &impl Version) -> String {
    let text = version.to_string();
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        format!(";{name}=\"{text}\"")
    } else {
        String::new()
    }
}

fn at(time: SystemTime) -> String {
    let seconds = ending::unix_seconds(time).unwrap_or_default();
    format!(";from=@{seconds}")
}

const X_CLIENT_UPDATE: HeaderName = HeaderName::from_static("x-client-update");

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::version_gate::{CalVer, ResourceEnding};

    fn version(text: &str) -> CalVer {
        text.parse().unwrap()
    }

    fn said(rule: &Rule<CalVer>, update: Option<Update<'_, CalVer>>, is_ending: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(LINK, HeaderValue::from_static("</a>; rel=\"next\""));
        headers.insert(VARY, HeaderValue::from_static("accept"));
        if let Some(fields) = Fields::of(rule, update, is_ending) {
            let vary = HeaderValue::from_static("x-client-version");
            fields.write(Some(&vary), &mut headers);
        }
        headers
    }

    fn all(headers: &HeaderMap, name: &str) -> Vec<String> {
        let values = headers.get_all(name).iter();
        values
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }

    // RFC 8288, section 3.3: the relation says what the link is to; several fields are one list.
    // https://www.rfc-editor.org/rfc/rfc8288#section-3.3
    #[test]
    fn an_update_is_recommended_with_a_link_beside_others() {
        let rule = Rule::new(version("2026.1"))
            .with_recommended(version("2026.9"))
            .with_latest(version("2026.11.2"))
            .with_update_url("https://example.com/update");

        let headers = said(&rule, Some(Update::Recommended), false);

        assert_eq!(
            headers["x-client-update"],
            "recommended;version=\"2026.9\";latest=\"2026.11.2\""
        );
        assert_eq!(
            all(&headers, "link"),
            [
                "</a>; rel=\"next\"",
                "<https://example.com/update>; rel=\"related\"; title=\"update\""
            ]
        );
        assert_eq!(all(&headers, "vary"), ["accept", "x-client-version"]);
    }

    // RFC 9651, section 3.3.7: a Date is an at sign and seconds.
    // https://www.rfc-editor.org/rfc/rfc9651#section-3.3.7
    #[test]
    fn an_update_that_will_be_required_has_its_date() {
        let from = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let rule = Rule::new(version("1"));
        let minimum = version("2.0");

        let headers = said(
            &rule,
            Some(Update::Required(Some(&minimum), Some(from))),
            false,
        );

        assert_eq!(
            headers["x-client-update"],
            "required;version=\"2.0\";from=@1800000000"
        );
        assert_eq!(all(&headers, "link").len(), 1);
    }

    #[test]
    fn an_end_is_told_alone_and_beside_an_update() {
        let ending = ResourceEnding::deprecated(SystemTime::UNIX_EPOCH).unwrap();
        let rule = Rule::new(version("1"))
            .with_recommended(version("2"))
            .with_ending(ending);

        let alone = said(&rule, None, true);
        assert_eq!(alone["deprecation"], "@0");
        assert!(!alone.contains_key("x-client-update"));

        let both = said(&rule, Some(Update::Recommended), true);
        assert_eq!(both["deprecation"], "@0");
        assert_eq!(both["x-client-update"], "recommended;version=\"2\"");
    }

    #[test]
    fn nothing_is_said_where_there_is_nothing_to_say() {
        let rule = Rule::new(version("1")).with_recommended(version("2"));

        assert_eq!(said(&rule, None, false).len(), 2);
    }

    #[test]
    fn a_version_that_no_string_can_hold_is_left_out() {
        assert_eq!(parameter("version", &"a\"b"), "");
        assert_eq!(parameter("version", &"ä"), "");
        assert_eq!(parameter("version", &"a b"), ";version=\"a b\"");
    }
}
