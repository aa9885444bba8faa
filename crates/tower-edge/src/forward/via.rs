use std::error::Error;
use std::fmt;

use http::header::VIA;
use http::{HeaderMap, HeaderValue, Version};
use tower_edge_core::http_ext::is_token;

use super::hop_by_hop::join;

/// The value that a proxy adds to `Via` of each message that it forwards: the version in which it received the
/// message, and its pseudonym ([RFC 9110, section 7.6.3](https://www.rfc-editor.org/rfc/rfc9110#section-7.6.3)).
///
/// The pseudonym replaces the name of a host, which a client need not know. It is `tower-edge` by default.
///
/// ```
/// use http::{HeaderMap, HeaderValue, Version};
/// use tower_edge::forward::Via;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut headers = HeaderMap::new();
/// headers.insert("via", HeaderValue::from_static("1.0 fred"));
///
/// Via::new("edge")?.append_to(&mut headers, Version::HTTP_2);
///
/// assert_eq!(headers["via"], "1.0 fred, 2.0 edge");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Via {
    /// The member of the list for each of [`VERSIONS`].
    members: [HeaderValue; 4],
}

impl Via {
    /// A proxy with this pseudonym.
    ///
    /// # Errors
    ///
    /// When the pseudonym is not a token: letters, digits and ``!#$%&'*+-.^_`|~`` are valid.
    pub fn new(pseudonym: &str) -> Result<Self, InvalidPseudonym> {
        let member = |version| HeaderValue::try_from(format!("{version} {pseudonym}"));
        let members = || {
            let [first, second, third, fourth] = VERSIONS.map(|(_, version)| member(version).ok());
            Some([first?, second?, third?, fourth?])
        };
        is_token(pseudonym)
            .then(members)
            .flatten()
            .map(|members| Self { members })
            .ok_or(InvalidPseudonym)
    }

    /// Appends this proxy to those that the message has passed, on one line. `received` is the version in which the
    /// proxy received the message.
    pub fn append_to(&self, headers: &mut HeaderMap, received: Version) {
        let known = VERSIONS
            .iter()
            .position(|(version, _)| *version == received);
        let [_, http_1_1, ..] = &self.members;
        let member = known.and_then(|at| self.members.get(at));
        headers.append(VIA, member.unwrap_or(http_1_1).clone());
        join(headers, &VIA, b", ");
    }
}

impl Default for Via {
    fn default() -> Self {
        let members = [
            "1.0 tower-edge",
            "1.1 tower-edge",
            "2.0 tower-edge",
            "3.0 tower-edge",
        ];
        Self {
            members: members.map(HeaderValue::from_static),
        }
    }
}

/// Why a text is not a valid pseudonym.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidPseudonym;

impl fmt::Display for InvalidPseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid pseudonym: expected a token, such as edge-1")
    }
}

impl Error for InvalidPseudonym {}

/// A version without a minor number has minor version 0
/// ([RFC 9110, section 2.5](https://www.rfc-editor.org/rfc/rfc9110#section-2.5)).
const VERSIONS: [(Version, &str); 4] = [
    (Version::HTTP_10, "1.0"),
    (Version::HTTP_11, "1.1"),
    (Version::HTTP_2, "2.0"),
    (Version::HTTP_3, "3.0"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn appended(via: &Via, lines: &[&'static str], received: Version) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(VIA, HeaderValue::from_static(line));
        }
        via.append_to(&mut headers, received);
        let lines = headers.get_all(VIA).iter();
        lines
            .map(|line| line.to_str().unwrap().to_owned())
            .collect()
    }

    // RFC 9110, section 7.6.3.
    #[test]
    fn via_has_the_version_received_and_the_pseudonym() {
        let edge = Via::new("edge").unwrap();
        for (received, expected) in [
            (Version::HTTP_10, "1.0"),
            (Version::HTTP_11, "1.1"),
            (Version::HTTP_2, "2.0"),
            (Version::HTTP_3, "3.0"),
        ] {
            assert_eq!(appended(&edge, &[], received), [format!("{expected} edge")]);
            let default = appended(&Via::default(), &[], received);
            assert_eq!(default, [format!("{expected} tower-edge")]);
        }
    }

    #[test]
    fn via_is_appended_to_the_one_that_is_there() {
        let lines = ["1.0 fred", "HTTP/1.1 p.example.net (a comment), 2.0 cdn"];

        let appended = appended(&Via::default(), &lines, Version::HTTP_11);

        assert_eq!(
            appended,
            ["1.0 fred, HTTP/1.1 p.example.net (a comment), 2.0 cdn, 1.1 tower-edge"]
        );
    }

    #[test]
    fn a_pseudonym_is_a_token() {
        for pseudonym in ["e", "Edge-1", "a.b_c~d"] {
            assert!(Via::new(pseudonym).is_ok(), "{pseudonym:?}");
        }
        for bad in ["", "a b", "a,b", "a(b)", "host:80", "a/b", "é", "a\r\nb"] {
            assert_eq!(Via::new(bad).err(), Some(InvalidPseudonym), "{bad:?}");
        }
    }
}
