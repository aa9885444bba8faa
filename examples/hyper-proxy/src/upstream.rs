//! Where requests go.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::{Authority, Scheme};
use tower_edge::forward::join_path;
use tower_edge::{Kind, Problem};

/// The server behind the proxy, and the path on it that stands before those of the requests.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    authority: Authority,
    /// Without a slash at its end.
    base: String,
}

impl Upstream {
    /// What to ask the upstream for when the proxy is asked for this.
    ///
    /// # Errors
    ///
    /// As [`join_path`]: when the path could leave the base, when the target names no resource, as those of
    /// `CONNECT` and `OPTIONS *` do, or when it is too long with the base before it.
    pub(crate) fn target(&self, requested: &Uri) -> Result<Uri, Problem> {
        Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(self.authority.clone())
            .path_and_query(join_path(&self.base, requested)?)
            .build()
            .map_err(|error| Problem::new(Kind::UriTooLong).with_source(error))
    }
}

impl FromStr for Upstream {
    type Err = InvalidUpstream;

    fn from_str(text: &str) -> Result<Self, InvalidUpstream> {
        let uri: Uri = text.parse().map_err(|_| InvalidUpstream)?;
        let authority = uri.authority().ok_or(InvalidUpstream)?;
        let has_port = authority.port_u16().is_some_and(|port| port != 0);
        let is_plain = !text.contains(['?', '#', '@']);
        let is_whole =
            !authority.host().is_empty() && (has_port || authority.as_str() == authority.host());
        if uri.scheme() == Some(&Scheme::HTTP) && is_plain && is_whole {
            Ok(Self {
                authority: authority.clone(),
                base: uri.path().trim_end_matches('/').to_owned(),
            })
        } else {
            Err(InvalidUpstream)
        }
    }
}

/// Why nothing can be passed on to such a URL.
#[derive(Debug)]
#[non_exhaustive]
pub(crate) struct InvalidUpstream;

impl fmt::Display for InvalidUpstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an http URL without credentials and query is valid, as in http://127.0.0.1:8080",
        )
    }
}

impl Error for InvalidUpstream {}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(upstream: &str, asked: &'static str) -> Result<String, Kind> {
        let upstream: Upstream = upstream.parse().unwrap();
        let target = upstream.target(&Uri::from_static(asked));
        target
            .map(|uri| uri.to_string())
            .map_err(|problem| problem.kind())
    }

    #[test]
    fn the_path_and_query_follow_the_base() {
        for (upstream, asked, expected) in [
            ("http://up:81", "/a/b?c=d", "http://up:81/a/b?c=d"),
            ("http://up/", "/", "http://up/"),
            ("http://up/base/", "/a", "http://up/base/a"),
            (
                "http://[::1]:81/x",
                "http://proxy.example/a?",
                "http://[::1]:81/x/a?",
            ),
        ] {
            assert_eq!(target(upstream, asked).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn a_target_without_a_path_is_not_passed_on() {
        for asked in ["*", "example.org:443"] {
            assert_eq!(
                target("http://up", asked),
                Err(Kind::NotImplemented),
                "{asked}"
            );
        }
    }

    #[test]
    fn refuses_what_nothing_can_be_passed_on_to() {
        for bad in [
            "",
            "up",
            "up:81",
            "/a",
            "https://up",
            "http://",
            "http://:81",
            "http://up:0",
            "http://up:99999",
            "http://up:",
            "http://me@up",
            "http://up/a?b",
            "http://up#a",
        ] {
            assert!(bad.parse::<Upstream>().is_err(), "{bad:?}");
        }
    }
}
