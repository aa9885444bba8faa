use std::borrow::Cow;

use http::HeaderName;
use http::header::USER_AGENT;
use tower_edge_core::Head;
use tower_edge_core::http_ext::{SingleHeader, is_token_char};

use super::super::VersionPolicyError;
use super::super::policy::ensure;
use super::{ExtractedVersion, VersionExtractor};

/// A product in `User-Agent`, such as `Plexichat-iOS/1.4.0 (iPhone; iOS 26)`. Its name gives the platform.
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::version_gate::extract::{ExtractedVersion, UserAgent, VersionExtractor};
///
/// let extractor = UserAgent::new("Signal-Android", Some("android"))?
///     .with_product("Signal-iOS", Some("ios"))?;
///
/// let request = Request::get("/").header("user-agent", "Signal-iOS/7.1.0 (like (an) old/1.0)").body(())?;
/// let found = extractor.extract(Head::from(&request));
///
/// assert_eq!(found, ExtractedVersion::Found { version: "7.1.0".into(), platform: Some("ios".into()) });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The first of these products with a version counts
/// ([RFC 9110, section 10.1.5](https://www.rfc-editor.org/rfc/rfc9110#section-10.1.5)). The name is compared with its
/// letter case, and may contain spaces, which iOS sends as `%20`. Comments in parentheses are skipped.
///
/// The version follows after a slash and ends before the first character that cannot be in a token, such as the
/// semicolon of `App/1.2.0; iOS`. It may also follow after a space, as in `App v2` or `App 1.2.0`: it has a `v` or a
/// dot then. A `v` before a digit is not part of it.
///
/// A field without one of these products has no version: browsers and tools have their own. A field that occurs twice
/// is malformed. Proxies rewrite the field, so a header field of the client's own is more reliable.
#[derive(Clone, Debug)]
pub struct UserAgent {
    /// Each product and its platform.
    products: Vec<(Box<str>, Option<Box<str>>)>,
}

impl UserAgent {
    /// The product, and its platform if it is for one.
    ///
    /// # Errors
    ///
    /// If the name is one that no client can send, such as one with a slash.
    pub fn new(name: &str, platform: Option<&str>) -> Result<Self, VersionPolicyError> {
        Self {
            products: Vec::new(),
        }
        .with_product(name, platform)
    }

    /// Adds another product.
    ///
    /// # Errors
    ///
    /// As in [`new`](Self::new).
    pub fn with_product(
        mut self,
        name: &str,
        platform: Option<&str>,
    ) -> Result<Self, VersionPolicyError> {
        let is_plain = |byte: u8| is_token_char(byte) || byte == b' ' || !byte.is_ascii();
        let is_name = !name.is_empty() && name.trim() == name && name.bytes().all(is_plain);
        let expected = "the name of a product, without its version";
        ensure(is_name, "product", name, expected)?;
        let encoded = name.bytes().map(|byte| match byte {
            _ if is_token_char(byte) => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        });
        for name in [name.to_owned(), encoded.collect()] {
            self.products.push((name.into(), platform.map(Into::into)));
        }
        Ok(self)
    }
}

impl VersionExtractor for UserAgent {
    fn extract<'a>(&'a self, head: Head<'a>) -> ExtractedVersion<'a> {
        let agent = match head.field(&USER_AGENT) {
            SingleHeader::Missing => return ExtractedVersion::Missing,
            SingleHeader::One(agent) => agent.as_bytes(),
            SingleHeader::Many => return ExtractedVersion::Malformed,
        };
        let found = words(agent).find_map(|word| {
            let mut products = self.products.iter();
            let version = |name: &str| version(word.strip_prefix(name.as_bytes())?);
            products.find_map(|(name, platform)| Some((version(name)?, platform)))
        });
        found.map_or(ExtractedVersion::Missing, |(version, platform)| {
            ExtractedVersion::Found {
                version: version.into(),
                platform: platform.as_deref().map(Cow::Borrowed),
            }
        })
    }

    fn fields(&self) -> Vec<HeaderName> {
        vec![USER_AGENT]
    }
}

/// The version after the name of a product. After a space, a number alone may be part of the name, as in `App 2
/// Go/9.0`.
fn version(text: &[u8]) -> Option<&str> {
    let (separator, text) = text.split_first()?;
    let rest = text.strip_prefix(b"v").or_else(|| text.strip_prefix(b"V"));
    let rest = rest.filter(|rest| starts_with_digit(rest));
    let version = rest
        .unwrap_or(text)
        .split(|byte| !is_token_char(*byte))
        .next()?;
    let is_version = match separator {
        b'/' => !version.is_empty(),
        b' ' | b'\t' => rest.is_some() || starts_with_digit(version) && version.contains(&b'.'),
        _ => false,
    };
    str::from_utf8(version).ok().filter(|_| is_version)
}

fn starts_with_digit(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_digit)
}

/// The text from each start of a word on, outside of comments. Comments nest and have escapes ([RFC 9110, section
/// 5.6.5](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.5)); one that does not end lasts to the end of the text.
fn words(agent: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut depth = 0_usize;
    let mut is_escaped = false;
    let mut may_start = true;
    agent.iter().enumerate().filter_map(move |(at, byte)| {
        let starts = std::mem::take(&mut may_start);
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if depth > 0 => is_escaped = true,
            b'(' => depth += 1,
            b')' => {
                depth = depth.saturating_sub(1);
                may_start = true;
            }
            b' ' | b'\t' | b',' | b';' | b'[' | b']' => may_start = true,
            _ if starts && depth == 0 => return agent.get(at..),
            _ => {}
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Request};
    use proptest::proptest;

    use super::*;

    fn extracted_by(extractor: &UserAgent, agent: &[u8]) -> String {
        let mut request = Request::new(());
        let agent = HeaderValue::from_bytes(agent).unwrap();
        request.headers_mut().insert(USER_AGENT, agent);
        match extractor.extract(Head::from(&request)) {
            ExtractedVersion::Found { version, platform } => {
                format!("{version} {}", platform.as_deref().unwrap_or("-"))
            }
            other => format!("{other:?}"),
        }
    }

    fn extracted(agent: &[u8]) -> String {
        let extractor = UserAgent::new("App-iOS", Some("ios")).unwrap();
        extracted_by(&extractor.with_product("App", None).unwrap(), agent)
    }

    // RFC 9110, section 10.1.5: product = token ["/" product-version].
    // https://www.rfc-editor.org/rfc/rfc9110#section-10.1.5
    #[test]
    fn the_first_known_product_with_a_version_counts() {
        for (agent, expected) in [
            ("App/1.2.0", "1.2.0 -"),
            ("App-iOS/1.2.0", "1.2.0 ios"),
            ("CERN-LineMode/2.15 App/1.2.0", "1.2.0 -"),
            ("App/1.2.0 App/1.3.0", "1.2.0 -"),
            ("App-iOS/1.2.0\tApp/1.3.0", "1.2.0 ios"),
            ("App/1.2.0(x)", "1.2.0 -"),
            ("App/a.1.0-49", "a.1.0-49 -"),
            ("App/one", "one -"),
            ("App App/1.2.0", "1.2.0 -"),
            ("App (x) App/1.2.0", "1.2.0 -"),
            ("App/", "Missing"),
            ("App", "Missing"),
            ("App ", "Missing"),
            ("App one", "Missing"),
            ("app/1.2.0", "Missing"),
            ("MyApp/1.2.0 Apple/1.2.0 Other/App/1.2.0", "Missing"),
            ("", "Missing"),
            ("/", "Missing"),
        ] {
            assert_eq!(extracted(agent.as_bytes()), expected, "{agent:?}");
        }
    }

    // RFC 9110, section 5.6.2: tokens end at delimiters.
    // https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
    #[test]
    fn a_version_ends_at_what_is_not_in_a_token() {
        for (agent, expected) in [
            ("App/1.2.0; iOS", "1.2.0 -"),
            ("App/1.2.0, iOS", "1.2.0 -"),
            ("App/1.2.0/2", "1.2.0 -"),
            ("App/1.2.0\u{e9}", "1.2.0 -"),
            ("App/v1.2.0", "1.2.0 -"),
            ("App/V1", "1 -"),
            ("App/vx", "vx -"),
            ("App v1.2.0;x", "1.2.0 -"),
            ("App v2", "2 -"),
            ("App 2 Go/9.0", "Missing"),
            ("App 2 Go/9.0 App/1.2.0", "1.2.0 -"),
            ("App .5", "Missing"),
            ("App 1.2.0", "1.2.0 -"),
            ("x;App/1.2.0", "1.2.0 -"),
            ("[App/1.2.0]", "1.2.0 -"),
        ] {
            assert_eq!(extracted(agent.as_bytes()), expected, "{agent:?}");
        }
    }

    // RFC 9110, section 5.6.5: comments nest, and a backslash takes the next character as it is.
    // https://www.rfc-editor.org/rfc/rfc9110#section-5.6.5
    #[test]
    fn a_product_in_a_comment_is_none() {
        for (agent, expected) in [
            ("(App/1.0.0) App/1.2.0", "1.2.0 -"),
            ("Other/1 (a (b App/1.0.0) App/1.0.0) App/1.2.0", "1.2.0 -"),
            (r"Other/1 (\) App/1.0.0) App/1.2.0", "1.2.0 -"),
            (r"Other/1 (\\) App/1.2.0", "1.2.0 -"),
            ("Other/1 (App/1.0.0", "Missing"),
            ("Other/1 (((((((((( App/1.0.0", "Missing"),
            (") App/1.2.0", "1.2.0 -"),
        ] {
            assert_eq!(extracted(agent.as_bytes()), expected, "{agent:?}");
        }
    }

    #[test]
    fn what_is_not_ascii_hides_no_product() {
        assert_eq!(extracted(b"App/1.2.0 \xff"), "1.2.0 -");
        assert_eq!(
            extracted("Other/1 (Zoë’s 手机) App/1.2.0".as_bytes()),
            "1.2.0 -"
        );
    }

    #[test]
    fn a_field_that_occurs_twice_is_malformed() {
        let mut request = Request::new(());
        for agent in ["Other/1", "App/1.2.0"] {
            let agent = HeaderValue::from_static(agent);
            request.headers_mut().append(USER_AGENT, agent);
        }
        let extractor = UserAgent::new("App", None).unwrap();

        let found = extractor.extract(Head::from(&request));

        assert_eq!(found, ExtractedVersion::Malformed);
    }

    #[test]
    fn a_name_that_no_client_can_send_is_an_error() {
        for name in ["", "App/1.0", "App ", " App", "(App)", "App;"] {
            let error = UserAgent::new(name, None).unwrap_err();

            let expected = "expected the name of a product, without its version";
            assert_eq!(
                error.to_string(),
                format!("invalid product {name:?}: {expected}")
            );
        }
    }

    // As clients and libraries send them, from their sources, documents and bug reports.
    #[test]
    fn user_agents_of_real_clients_have_their_version() {
        for (product, agent, expected) in [
            (
                "Nextcloud-Talk",
                "Mozilla/5.0 (Android) Nextcloud-Talk v18.0.0",
                "18.0.0",
            ),
            (
                "Nextcloud-Talk",
                "Mozilla/5.0 (iOS) Nextcloud-Talk v19.0.1",
                "19.0.1",
            ),
            (
                "Nextcloud-Talk",
                "Mozilla/5.0 (Linux) Nextcloud-Talk v1.1.5 (Electron)",
                "1.1.5",
            ),
            (
                "Nextcloud-android",
                "Mozilla/5.0 (Android) Nextcloud-android/3.29.0",
                "3.29.0",
            ),
            (
                "Nextcloud-iOS",
                "Mozilla/5.0 (iOS) Nextcloud-iOS/5.3.0",
                "5.3.0",
            ),
            (
                "mirall",
                "Mozilla/5.0 (Windows) mirall/3.13.0stable-Win64 (build 20240423) (Nextcloud)",
                "3.13.0stable-Win64",
            ),
            (
                "Signal-Android",
                "Signal-Android/7.16.4 Android/34",
                "7.16.4",
            ),
            ("Signal-iOS", "Signal-iOS/7.33.0.210 iOS/17.5", "7.33.0.210"),
            (
                "Signal-Desktop",
                "Signal-Desktop/7.1.0 macOS/23.5.0",
                "7.1.0",
            ),
            ("MyApp", "MyApp/45 CFNetwork/1410.0.3 Darwin/22.6.0", "45"),
            (
                "My%20App",
                "My%20App/1.0.3 CFNetwork/1492.0.1 Darwin/23.3.0",
                "1.0.3",
            ),
            (
                "iOS Example",
                "iOS Example/1.0 (org.alamofire.iOS-Example; build:1; iOS 13.0.0) Alamofire/5.0.0",
                "1.0",
            ),
            (
                "Alamofire",
                "iOS Example/1.0 (org.alamofire.iOS-Example; build:1; iOS 13.0.0) Alamofire/5.0.0",
                "5.0.0",
            ),
            ("okhttp", "okhttp/4.12.0", "4.12.0"),
            (
                "Dalvik",
                "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UD1A.230803.041)",
                "2.1.0",
            ),
            ("Dart", "Dart/3.4 (dart:io)", "3.4"),
            (
                "docker",
                "docker/26.1.4 go/go1.21.11 git-commit/de5c9cf kernel/6.6.31-linuxkit os/linux arch/amd64 UpstreamClient(Docker-Client/26.1.4 \\(darwin\\))",
                "26.1.4",
            ),
            (
                "kubectl",
                "kubectl/v1.30.1 (darwin/arm64) kubernetes/6911225",
                "1.30.1",
            ),
            (
                "Terraform",
                "HashiCorp Terraform/1.8.5 (+https://www.terraform.io)",
                "1.8.5",
            ),
            ("git", "git/2.39.5 (Apple Git-154)", "2.39.5"),
            ("GitHub CLI", "GitHub CLI 2.52.0", "2.52.0"),
            (
                "npm",
                "npm/10.8.1 node/v20.14.0 linux x64 workspaces/false",
                "10.8.1",
            ),
            (
                "node",
                "npm/10.8.1 node/v20.14.0 linux x64 workspaces/false",
                "20.14.0",
            ),
            ("cargo", "cargo/1.79.0 (ffa9cf99a 2024-06-03)", "1.79.0"),
            (
                "pip",
                "pip/24.0 {\"ci\":null,\"cpu\":\"x86_64\",\"implementation\":{\"name\":\"CPython\"}}",
                "24.0",
            ),
            (
                "Bitwarden_Mobile",
                "Bitwarden_Mobile/2024.6.0 (Android 14; SDK 34; Model Pixel 8)",
                "2024.6.0",
            ),
            (
                "Slack",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.38.125 Chrome/122.0.6261.156 Electron/29.3.0 Safari/537.36",
                "4.38.125",
            ),
            (
                "FBAV",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21F79 [FBAN/FBIOS;FBAV/467.0.0.46.106;FBBV/610000000]",
                "467.0.0.46.106",
            ),
            (
                "Instagram",
                "Instagram 334.0.0.42.95 Android (34/14; 420dpi; 1080x2186; Google; Pixel 8)",
                "334.0.0.42.95",
            ),
            ("Spotify", "Spotify/8.9.42 iOS/17.5 (iPhone15,2)", "8.9.42"),
            (
                "My App",
                "My%20App/45 CFNetwork/1410.0.3 Darwin/22.6.0",
                "45",
            ),
            ("My App", "My App/1.2.0 (iPhone)", "1.2.0"),
            (
                "Wörter",
                "W%C3%B6rter/7 CFNetwork/1410.0.3 Darwin/22.6.0",
                "7",
            ),
            ("MyApp", "MyApp/1.2.0; iOS", "1.2.0"),
            ("MyApp", "MyApp/1.2.0 (Zoë’s iPhone; iOS 17.5)", "1.2.0"),
            (
                "aws-cli",
                "aws-cli/2.16.8 md/awscrt#0.20.11 ua/2.0 os/macos#23.5.0 md/arch#arm64 lang/python#3.11.8",
                "2.16.8",
            ),
            (
                "Home Assistant",
                "Home Assistant/2024.6.1-5200 (Android 14; Pixel 8)",
                "2024.6.1-5200",
            ),
            ("curl", "curl/8.6.0", "8.6.0"),
        ] {
            let extractor = UserAgent::new(product, None).unwrap();

            let found = extracted_by(&extractor, agent.as_bytes());

            assert_eq!(found, format!("{expected} -"), "{agent}");
        }
    }

    proptest! {
        #[test]
        fn a_known_product_is_found_behind_any_comment(comment in "[a-z/ ;.ü]{0,20}", depth in 0..9_usize) {
            let (open, close) = ("(".repeat(depth), ")".repeat(depth));
            let agent = format!("Other/1 ({open}{comment}{close} App/1.0.0) App/1.2.0");

            assert_eq!(extracted(agent.as_bytes()), "1.2.0 -");
        }

        #[test]
        fn no_field_makes_it_panic(agent in "(App|[ -~ü]){0,60}") {
            extracted(agent.as_bytes());
        }
    }
}
