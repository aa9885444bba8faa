use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime};

use http::header::LINK;
use http::{HeaderName, HeaderValue};

use super::token;

/// That the resource itself is about to end, for whoever uses it: an API version rather than a client.
///
/// Answers say so in [`Deprecation`](https://www.rfc-editor.org/rfc/rfc9745),
/// [`Sunset`](https://www.rfc-editor.org/rfc/rfc8594) and `Link`.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tower_edge::version_gate::{CalVer, Policy, ResourceEnding, Rule, VersionGateLayer};
///
/// let deprecated = SystemTime::UNIX_EPOCH + Duration::from_secs(1_688_169_599);
/// let ending = ResourceEnding::deprecated(deprecated)?
///     .with_sunset(deprecated + Duration::from_secs(31_622_400))?
///     .with_deprecation_link("https://example.com/changes")?
///     .with_successor_link("/v2")?;
///
/// let first: CalVer = "1".parse()?;
/// let second: CalVer = "2".parse()?;
/// let policy = Policy::new(Rule::new(first).with_ending_below(second, ending));
/// let gate = VersionGateLayer::by_policy(policy)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceEnding {
    deprecation: Option<SystemTime>,
    sunset: Option<SystemTime>,
    links: Vec<HeaderValue>,
}

impl ResourceEnding {
    /// A resource that is deprecated from this time on, which may be past.
    ///
    /// # Errors
    ///
    /// When the time is before 1970 or after 9999.
    pub fn deprecated(at: SystemTime) -> Result<Self, EndingError> {
        Ok(Self {
            deprecation: Some(writable("deprecation", at)?),
            sunset: None,
            links: Vec::new(),
        })
    }

    /// A resource that is expected to be gone at this time.
    ///
    /// # Errors
    ///
    /// When the time is before 1970 or after 9999.
    pub fn sunset(at: SystemTime) -> Result<Self, EndingError> {
        Ok(Self {
            deprecation: None,
            sunset: Some(writable("sunset", at)?),
            links: Vec::new(),
        })
    }

    /// Sets when the resource is expected to be gone.
    ///
    /// # Errors
    ///
    /// When the time is after 9999, or before the deprecation ([RFC 9745, section
    /// 4](https://www.rfc-editor.org/rfc/rfc9745#section-4)).
    pub fn with_sunset(mut self, at: SystemTime) -> Result<Self, EndingError> {
        let at = writable("sunset", at)?;
        if self.deprecation.is_some_and(|deprecation| at < deprecation) {
            return Err(EndingError {
                field: "sunset",
                value: httpdate::fmt_http_date(at),
                expected: "a time that is not before the deprecation",
            });
        }
        self.sunset = Some(at);
        Ok(self)
    }

    /// Links to what there is to know about the deprecation ([RFC 9745, section
    /// 3](https://www.rfc-editor.org/rfc/rfc9745#section-3)).
    ///
    /// # Errors
    ///
    /// When the text is no URL.
    pub fn with_deprecation_link(self, url: &str) -> Result<Self, EndingError> {
        self.with_link(url, "deprecation link", "rel=\"deprecation\"")
    }

    /// Links to what there is to know about the end ([RFC 8594, section
    /// 6](https://www.rfc-editor.org/rfc/rfc8594#section-6)).
    ///
    /// # Errors
    ///
    /// When the text is no URL.
    pub fn with_sunset_link(self, url: &str) -> Result<Self, EndingError> {
        self.with_link(url, "sunset link", "rel=\"sunset\"")
    }

    /// Links to what comes in its place ([RFC 5829, section
    /// 3.6](https://www.rfc-editor.org/rfc/rfc5829#section-3.6)).
    ///
    /// # Errors
    ///
    /// When the text is no URL.
    pub fn with_successor_link(self, url: &str) -> Result<Self, EndingError> {
        self.with_link(url, "successor link", "rel=\"successor-version\"")
    }

    fn with_link(
        mut self,
        url: &str,
        field: &'static str,
        relation: &str,
    ) -> Result<Self, EndingError> {
        let link = token::link(url, relation).ok_or_else(|| EndingError {
            field,
            value: url.to_owned(),
            expected: "a URL",
        })?;
        self.links.push(link);
        Ok(self)
    }

    /// The header fields that say so.
    pub(super) fn fields(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let deprecation = self.deprecation.and_then(deprecation);
        let sunset = self.sunset.map(httpdate::fmt_http_date);
        let sunset = sunset.and_then(|date| HeaderValue::try_from(date).ok());
        let links = self.links.iter().cloned().map(|link| (LINK, link));
        let dates = [(DEPRECATION, deprecation), (SUNSET, sunset)];
        let dates = dates.into_iter();
        dates
            .filter_map(|(name, value)| Some((name, value?)))
            .chain(links)
    }
}

/// A Date of structured fields ([RFC 9651, section
/// 3.3.7](https://www.rfc-editor.org/rfc/rfc9651#section-3.3.7)).
fn deprecation(at: SystemTime) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("@{}", unix_seconds(at)?)).ok()
}

pub(super) fn unix_seconds(at: SystemTime) -> Option<u64> {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(since.as_secs())
}

/// The time, if HTTP has a way to write it.
fn writable(field: &'static str, at: SystemTime) -> Result<SystemTime, EndingError> {
    let last = SystemTime::UNIX_EPOCH.checked_add(YEAR_9999);
    if at >= SystemTime::UNIX_EPOCH && last.is_some_and(|last| at <= last) {
        return Ok(at);
    }
    Err(EndingError {
        field,
        value: format!("{at:?}"),
        expected: "a time from 1970 to 9999",
    })
}

/// The last second of the year 9999, since 1970.
const YEAR_9999: Duration = Duration::from_secs(253_402_300_799);
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// An end is not one that can be announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndingError {
    field: &'static str,
    value: String,
    expected: &'static str,
}

impl fmt::Display for EndingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            value,
            expected,
        } = self;
        write!(f, "{field} {value} is not valid: expected {expected}")
    }
}

impl Error for EndingError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn lines(ending: &ResourceEnding) -> Vec<String> {
        let fields = ending.fields();
        fields
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect()
    }

    // RFC 9745, section 2.1: the value is a Date of structured fields; section 4 has the example.
    // https://www.rfc-editor.org/rfc/rfc9745#section-2.1
    // RFC 8594, section 3: the value is an HTTP-date.
    // https://www.rfc-editor.org/rfc/rfc8594#section-3
    #[test]
    fn deprecation_is_a_structured_date_and_sunset_an_http_date() {
        let ending = ResourceEnding::deprecated(at(1_688_169_599)).unwrap();
        let ending = ending.with_sunset(at(1_719_791_999)).unwrap();

        assert_eq!(
            lines(&ending),
            [
                "deprecation: @1688169599",
                "sunset: Sun, 30 Jun 2024 23:59:59 GMT"
            ]
        );
    }

    // RFC 9745, section 4: the sunset must not be earlier than the deprecation.
    // https://www.rfc-editor.org/rfc/rfc9745#section-4
    #[test]
    fn nothing_ends_before_it_is_deprecated() {
        let ending = || ResourceEnding::deprecated(at(1000)).unwrap();

        assert!(ending().with_sunset(at(1000)).is_ok());
        let error = ending().with_sunset(at(999)).unwrap_err().to_string();
        assert_eq!(
            error,
            "sunset Thu, 01 Jan 1970 00:16:39 GMT is not valid: expected a time that is not before the deprecation"
        );
    }

    #[test]
    fn a_time_that_cannot_be_written_is_refused() {
        let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        let late = at(253_402_300_800);

        for bad in [early, late] {
            assert!(ResourceEnding::sunset(bad).is_err(), "{bad:?}");
            assert!(ResourceEnding::deprecated(bad).is_err(), "{bad:?}");
            assert!(
                ResourceEnding::sunset(at(0))
                    .unwrap()
                    .with_sunset(bad)
                    .is_err()
            );
        }
        let last = ResourceEnding::sunset(at(253_402_300_799)).unwrap();
        assert_eq!(lines(&last), ["sunset: Fri, 31 Dec 9999 23:59:59 GMT"]);
    }

    #[test]
    fn links_have_the_relations_of_their_standards() {
        let ending = ResourceEnding::sunset(at(0)).unwrap();
        let ending = ending.with_deprecation_link("/a").unwrap();
        let ending = ending.with_sunset_link("/b").unwrap();
        let ending = ending.with_successor_link("/v2").unwrap();

        assert_eq!(
            lines(&ending)[1..],
            [
                "link: </a>; rel=\"deprecation\"",
                "link: </b>; rel=\"sunset\"",
                "link: </v2>; rel=\"successor-version\""
            ]
        );
        let error = ending.with_sunset_link("a b").unwrap_err();
        assert_eq!(
            error.to_string(),
            "sunset link a b is not valid: expected a URL"
        );
    }
}
