use std::time::Duration;

use http::{HeaderMap, HeaderName};

use super::grpc_timeout;
use crate::http_ext::{SingleHeader, header_int};

/// The header field in which a caller sends how long it will wait.
#[doc(alias("deadline", "grpc-timeout", "x-request-timeout-ms"))]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeoutHeader {
    /// [`grpc-timeout`](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests), in
    /// any of its units.
    GrpcTimeout,
    /// A whole number of milliseconds in a field of this name.
    Milliseconds(HeaderName),
}

impl TimeoutHeader {
    /// The field in which
    /// [Envoy](https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-expected-rq-timeout-ms)
    /// sends an upstream how long it will wait.
    pub const ENVOY_EXPECTED: Self =
        Self::Milliseconds(HeaderName::from_static("x-envoy-expected-rq-timeout-ms"));
    /// `X-Request-Timeout-Ms`, which has no standard and is widely used.
    pub const REQUEST_TIMEOUT_MS: Self =
        Self::Milliseconds(HeaderName::from_static("x-request-timeout-ms"));

    /// The name of the field.
    #[must_use]
    pub const fn name(&self) -> &HeaderName {
        match self {
            Self::GrpcTimeout => &GRPC_TIMEOUT,
            Self::Milliseconds(name) => name,
        }
    }

    /// How long the caller will wait. Zero means that the deadline has passed. `None` if the field is missing,
    /// malformed or repeated.
    #[must_use]
    pub fn read(&self, headers: &HeaderMap) -> Option<Duration> {
        let value = SingleHeader::from_headers(headers, self.name()).one()?;
        self.parse(value.as_bytes())
    }

    /// Parses the value of the field.
    #[must_use]
    pub fn parse(&self, value: &[u8]) -> Option<Duration> {
        match self {
            Self::GrpcTimeout => grpc_timeout::parse(value),
            Self::Milliseconds(_) => milliseconds(value),
        }
    }

    /// Writes how long we will wait, rounded down. The value replaces any other.
    pub fn write(&self, time: Duration, headers: &mut HeaderMap) {
        let value = match self {
            Self::GrpcTimeout => grpc_timeout::write(time),
            Self::Milliseconds(_) => {
                let millis = u64::try_from(time.as_millis()).unwrap_or(LARGEST);
                header_int(millis.min(LARGEST))
            }
        };
        headers.insert(self.name(), value);
    }
}

fn milliseconds(value: &[u8]) -> Option<Duration> {
    if !(1..=MAX_DIGITS).contains(&value.len()) || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let millis = value
        .iter()
        .fold(0_u64, |millis, digit| millis * 10 + u64::from(digit - b'0'));
    Some(Duration::from_millis(millis))
}

static GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
/// Milliseconds with this many digits last thirty million years.
const MAX_DIGITS: usize = 18;
const LARGEST: u64 = 999_999_999_999_999_999;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(field: &TimeoutHeader, values: &[&str]) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(field.name(), value.parse().unwrap());
        }
        field.read(&headers)
    }

    #[test]
    fn reads_whole_milliseconds() {
        for (text, millis) in [("0", 0), ("1", 1), ("15000", 15_000), ("007", 7)] {
            assert_eq!(
                read(&TimeoutHeader::ENVOY_EXPECTED, &[text]),
                Some(Duration::from_millis(millis)),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_what_is_no_number_of_milliseconds() {
        for bad in [
            "",
            "-1",
            "+1",
            "1.5",
            "1e3",
            "1s",
            " 1",
            "1,2",
            "1234567890123456789",
        ] {
            assert_eq!(
                read(&TimeoutHeader::REQUEST_TIMEOUT_MS, &[bad]),
                None,
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_field_that_occurs_twice_says_nothing() {
        assert_eq!(
            read(&TimeoutHeader::GrpcTimeout, &["1S"]),
            Some(Duration::from_secs(1))
        );
        assert_eq!(read(&TimeoutHeader::GrpcTimeout, &["1S", "1S"]), None);
        assert_eq!(read(&TimeoutHeader::GrpcTimeout, &[]), None);
    }

    #[test]
    fn takes_the_place_of_what_was_there() {
        let mut headers = HeaderMap::new();
        headers.append("x-request-timeout-ms", "9".parse().unwrap());
        headers.append("x-request-timeout-ms", "8".parse().unwrap());

        TimeoutHeader::REQUEST_TIMEOUT_MS.write(Duration::from_micros(1999), &mut headers);

        let values: Vec<_> = headers.get_all("x-request-timeout-ms").iter().collect();
        assert_eq!(values, ["1"]);
    }

    proptest! {
        #[test]
        fn milliseconds_that_are_written_are_read(millis in 0..=LARGEST) {
            let mut headers = HeaderMap::new();

            TimeoutHeader::ENVOY_EXPECTED.write(Duration::from_millis(millis), &mut headers);

            let read = TimeoutHeader::ENVOY_EXPECTED.read(&headers);
            prop_assert_eq!(read, Some(Duration::from_millis(millis)));
        }
    }
}
