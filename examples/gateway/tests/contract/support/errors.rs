use super::TestResponse;

/// The prefixes that the API is mounted under, in the order of the columns below.
pub(crate) const PREFIXES: [&str; 6] = [
    "/problem",
    "/plexmcp",
    "/plexichat",
    "/ads",
    "/medianest",
    "/routermcp",
];

/// A path under every prefix.
pub(crate) fn at(path: &str) -> impl Iterator<Item = (&'static str, String)> {
    PREFIXES
        .map(|prefix| (prefix, format!("{prefix}{path}")))
        .into_iter()
}

/// What one error is under each prefix: a status and a body, in which `…` stands for anything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Errors(pub(super) [(u16, &'static str); 6]);

impl Errors {
    pub(crate) fn assert(self, prefix: &str, response: &TestResponse) {
        let column = PREFIXES.iter().position(|known| *known == prefix);
        let (status, body) = self.0[column.expect(prefix)];
        assert_eq!(response.status, status, "{prefix}: {response:?}");
        assert!(
            is_like(response.text(), body),
            "{prefix}: {response:?}, not {body}"
        );
        let content_type = match prefix {
            "/problem" => "application/problem+json",
            _ => "application/json",
        };
        assert_eq!(response.field("content-type"), content_type, "{prefix}");
        // The document of MediaNest has the code in a field too.
        if prefix == "/medianest" {
            let code = &response.json()["error"]["code"];
            assert_eq!(code, response.field("x-error-code"), "{response:?}");
        }
    }
}

fn is_like(text: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('…') else {
        return text == pattern;
    };
    let Some(text) = text.strip_prefix(first) else {
        return false;
    };
    let places = (1..=text.len()).filter(|place| text.is_char_boundary(*place));
    places
        .into_iter()
        .any(|place| is_like(&text[place..], rest))
}
