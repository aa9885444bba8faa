use std::borrow::Cow;

use http::HeaderName;
use http::header::USER_AGENT;
use tower_edge_core::Head;

use super::header::Malformed;
use super::{Claim, Source, header};

/// A product in `User-Agent`, such as `Plexichat-iOS/1.4.0 (iPhone; iOS 26)`: its name tells the
/// platform, what is behind the slash the version.
///
/// Names are compared to the letter, comments are skipped, and the first product that is known counts
/// ([RFC 9110, section 10.1.5](https://www.rfc-editor.org/rfc/rfc9110#section-10.1.5)). A product
/// without a version names none, and neither does a field without a known product, or one that occurs
/// twice: browsers and tools have their own. Proxies rewrite the field and anybody can write it; a field of the client's own says
/// more.
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::version_gate::{Claim, Source, UserAgent};
///
/// let source = UserAgent::new()
///     .with_product("Signal-Android", Some("android"))
///     .with_product("Signal-iOS", Some("ios"));
///
/// let request = Request::get("/").header("user-agent", "Signal-iOS/7.1.0 (like (an) old/1.0)").body(())?;
/// let claim = source.find(Head::from(&request));
///
/// assert_eq!(claim, Claim::Client { platform: Some("ios".into()), version: "7.1.0".into() });
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct UserAgent {
    products: Vec<Product>,
}

#[derive(Clone, Debug)]
struct Product {
    name: Box<str>,
    platform: Option<Box<str>>,
}

impl UserAgent {
    /// No product yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            products: Vec::new(),
        }
    }

    /// Adds a product, and the platform that it is for if it is for one.
    #[must_use]
    pub fn with_product(mut self, name: &str, platform: Option<&str>) -> Self {
        self.products.push(Product {
            name: name.into(),
            platform: platform.map(Into::into),
        });
        self
    }
}

impl Source for UserAgent {
    fn find<'a>(&'a self, head: Head<'a>) -> Claim<'a> {
        let agent = match header::text(head, &USER_AGENT) {
            Ok(agent) => agent.unwrap_or_default(),
            // Nobody but a client of ours writes what we can read.
            Err(Malformed) => return Claim::Absent,
        };
        let known = products(agent).find_map(|(name, version)| {
            let product = self.products.iter().find(|known| *known.name == *name)?;
            Some((product, version))
        });
        match known {
            None | Some((_, None)) => Claim::Absent,
            Some((product, Some(version))) => Claim::Client {
                platform: product.platform.as_deref().map(Cow::Borrowed),
                version: version.into(),
            },
        }
    }

    fn fields(&self) -> Vec<HeaderName> {
        vec![USER_AGENT]
    }
}

/// `product *( RWS ( product / comment ) )`, `product = token ["/" product-version]`. What is neither
/// is passed over up to the next space, since many are written by hand.
fn products(agent: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = agent;
    std::iter::from_fn(move || {
        rest = behind_comments(rest);
        if rest.is_empty() {
            return None;
        }
        let end = rest.find([' ', '\t', '(']).unwrap_or(rest.len());
        let (product, behind) = rest.split_at(end);
        rest = behind;
        Some(match product.split_once('/') {
            Some((name, version)) => (name, Some(version)),
            None => (product, None),
        })
    })
}

/// What is left behind spaces and comments, which nest and have escapes
/// ([RFC 9110, section 5.6.5](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.5)); nothing is left
/// behind one that does not end.
fn behind_comments(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if depth > 0 => is_escaped = true,
            b'(' => depth += 1,
            b')' if depth > 0 => depth -= 1,
            b' ' | b'\t' => {}
            _ if depth == 0 => return text.get(at..).unwrap_or_default(),
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Request};
    use proptest::proptest;

    use super::*;

    fn found(agent: &[u8]) -> String {
        let mut request = Request::new(());
        let agent = HeaderValue::from_bytes(agent).unwrap();
        request.headers_mut().insert(USER_AGENT, agent);
        let source = UserAgent::new()
            .with_product("App-iOS", Some("ios"))
            .with_product("App", None);
        match source.find(Head::from(&request)) {
            Claim::Client { platform, version } => {
                format!("{version} {}", platform.as_deref().unwrap_or("-"))
            }
            other => format!("{other:?}"),
        }
    }

    // RFC 9110, section 10.1.5: product = token ["/" product-version].
    // https://www.rfc-editor.org/rfc/rfc9110#section-10.1.5
    #[test]
    fn the_first_known_product_counts() {
        for (agent, said) in [
            ("App/1.2.0", "1.2.0 -"),
            ("App-iOS/1.2.0", "1.2.0 ios"),
            ("CERN-LineMode/2.15 App/1.2.0", "1.2.0 -"),
            ("App/1.2.0 App/1.3.0", "1.2.0 -"),
            ("App-iOS/1.2.0\tApp/1.3.0", "1.2.0 ios"),
            ("App/1.2.0(x)", "1.2.0 -"),
            ("App/a.1.0-49", "a.1.0-49 -"),
            ("App/1/2", "1/2 -"),
            ("App/", " -"),
            ("App", "Absent"),
            ("App App/1.2.0", "Absent"),
            ("app/1.2.0", "Absent"),
            ("MyApp/1.2.0 Apple/1.2.0", "Absent"),
            (
                "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0",
                "Absent",
            ),
            ("", "Absent"),
            ("/", "Absent"),
        ] {
            assert_eq!(found(agent.as_bytes()), said, "{agent:?}");
        }
    }

    // RFC 9110, section 5.6.5: comments nest, and a backslash takes the next character as it is.
    // https://www.rfc-editor.org/rfc/rfc9110#section-5.6.5
    #[test]
    fn a_product_in_a_comment_is_none() {
        for (agent, said) in [
            ("(App/1.0.0) App/1.2.0", "1.2.0 -"),
            ("Other/1 (a (b App/1.0.0) App/1.0.0) App/1.2.0", "1.2.0 -"),
            (r"Other/1 (\) App/1.0.0) App/1.2.0", "1.2.0 -"),
            (r"Other/1 (\\) App/1.2.0", "1.2.0 -"),
            ("Other/1 (App/1.0.0", "Absent"),
            ("Other/1 (((((((((( App/1.0.0", "Absent"),
            (") App/1.2.0", "1.2.0 -"),
        ] {
            assert_eq!(found(agent.as_bytes()), said, "{agent:?}");
        }
    }

    #[test]
    fn what_is_no_text_has_no_product() {
        assert_eq!(found(b"App/1.2.0 \xff"), "Absent");
    }

    proptest! {
        #[test]
        fn a_known_product_is_found_behind_any_comment(comment in "[a-z/ ;.]{0,20}", depth in 0..9_usize) {
            let (open, close) = ("(".repeat(depth), ")".repeat(depth));
            let agent = format!("Other/1 ({open}{comment}{close} App/1.0.0) App/1.2.0");

            assert_eq!(found(agent.as_bytes()), "1.2.0 -");
        }

        #[test]
        fn no_field_makes_it_panic(agent in "[ -~]{0,60}") {
            found(agent.as_bytes());
        }
    }
}
