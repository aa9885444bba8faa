use std::fmt;

use http::HeaderValue;

use crate::http_ext::hex_digit;

/// Which trace a request belongs to, and which span sent it: the field `traceparent`
/// ([W3C Trace Context, section 3.2](https://www.w3.org/TR/trace-context/#traceparent-header)).
///
/// ```
/// use http::HeaderValue;
/// use tower_edge_core::TraceParent;
///
/// let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// let parent = TraceParent::parse(&HeaderValue::from_static(text)).unwrap();
///
/// assert_eq!(parent.trace_id(), 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);
/// assert_eq!(parent.to_string(), text);
/// ```
#[doc(alias("trace id", "traceparent"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    flags: u8,
    parent_id: u64,
    trace_id: u128,
    version: u8,
}

impl TraceParent {
    /// Parses the value of the field: `version "-" trace-id "-" parent-id "-" trace-flags`, in lower-case hexadecimal
    /// digits, neither id zero
    /// ([section 3.2.2](https://www.w3.org/TR/trace-context/#traceparent-header-field-values)).
    ///
    /// A later version than 00 may continue after another dash
    /// ([section 4.3](https://www.w3.org/TR/trace-context/#versioning-of-traceparent)).
    #[must_use]
    pub fn parse(value: &HeaderValue) -> Option<Self> {
        let (head, more) = value.as_bytes().split_at_checked(LENGTH)?;
        let dashes = [2, 35, 52].map(|at| head.get(at).copied());
        let known = Self {
            version: u8::try_from(number(head.get(..2)?)?).ok()?,
            trace_id: number(head.get(3..35)?)?,
            parent_id: u64::try_from(number(head.get(36..52)?)?).ok()?,
            flags: u8::try_from(number(head.get(53..)?)?).ok()?,
        };
        let goes_on = more.is_empty() || known.version != 0 && more.starts_with(b"-");
        let valid = dashes == [Some(b'-'); 3]
            && goes_on
            && known.version != 0xff
            && known.trace_id != 0
            && known.parent_id != 0;
        valid.then_some(known)
    }

    /// Whether the caller may have recorded the trace
    /// ([section 3.2.2.5](https://www.w3.org/TR/trace-context/#sampled-flag)). Any client can claim so.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.flags & 1 == 1
    }

    /// The span of the caller; not zero.
    #[must_use]
    pub const fn parent_id(&self) -> u64 {
        self.parent_id
    }

    /// The trace; not zero.
    #[must_use]
    pub const fn trace_id(&self) -> u128 {
        self.trace_id
    }
}

/// As in the field, without the additions of a later version.
impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            flags,
            parent_id,
            trace_id,
            version,
        } = self;
        write!(
            f,
            "{version:02x}-{trace_id:032x}-{parent_id:016x}-{flags:02x}"
        )
    }
}

/// The number in lower-case hexadecimal digits; at most 32.
fn number(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, digit| {
        let digit = hex_digit(*digit).filter(|_| !digit.is_ascii_uppercase())?;
        Some(number << 4 | u128::from(digit))
    })
}

const LENGTH: usize = 55;

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<TraceParent> {
        TraceParent::parse(&HeaderValue::from_str(text).unwrap())
    }

    /// A text with each of its parts changed in turn.
    fn with(version: &str, trace: &str, parent: &str, flags: &str) -> String {
        format!("{version}-{trace}-{parent}-{flags}")
    }

    const TRACE: &str = "12345678901234567890123456789012";
    const PARENT: &str = "1234567890123456";

    // W3C Trace Context, section 3.2.2: lower-case digits of fixed numbers, neither id zero.
    #[test]
    fn a_part_with_other_digits_or_of_another_length_is_not_valid() {
        assert!(parsed(&with("00", TRACE, PARENT, "01")).is_some());
        for version in ["", "0", "000", "0000", ".0", "0.", "ff", "0A"] {
            assert_eq!(
                parsed(&with(version, TRACE, PARENT, "01")),
                None,
                "{version}"
            );
        }
        for trace in [
            "",
            &"0".repeat(32),
            &TRACE[1..],
            "123456789012345678901234567890123",
            ".2345678901234567890123456789012",
            "1234567890123456789012345678901.",
            "ABCDEF78901234567890123456789012",
            "+2345678901234567890123456789012",
        ] {
            assert_eq!(parsed(&with("00", trace, PARENT, "01")), None, "{trace}");
        }
        for parent in [
            "",
            "0000000000000000",
            "123456789012345",
            "12345678901234567",
            ".234567890123456",
            "123456789012345.",
        ] {
            assert_eq!(parsed(&with("00", TRACE, parent, "01")), None, "{parent}");
        }
        for flags in ["", "0", "001", ".0", "0.", "0A", "01-", "01-more", "01."] {
            assert_eq!(parsed(&with("00", TRACE, PARENT, flags)), None, "{flags}");
        }
    }

    // W3C Trace Context, section 3.2.2: a dash separates the parts.
    #[test]
    fn nothing_but_a_dash_parts_the_parts() {
        for at in [2, 35, 52] {
            for other in ["0", "_", " ", "a"] {
                let mut text = with("00", TRACE, PARENT, "01");
                text.replace_range(at..=at, other);

                assert_eq!(parsed(&text), None, "{text}");
            }
        }
    }

    // W3C Trace Context, section 4.3: a later version is read as far as it is known.
    #[test]
    fn a_later_version_may_go_on_behind_a_dash() {
        for flags in ["01", "01-", "01-what-the-future-will-be-like"] {
            let parent = parsed(&with("cc", TRACE, PARENT, flags)).unwrap();

            assert_eq!(parent.to_string(), with("cc", TRACE, PARENT, "01"));
        }
        assert_eq!(parsed(&with("cc", TRACE, PARENT, "01.what")), None);
    }

    // W3C Trace Context, section 3.2.2.5: the lowest bit alone marks a trace as recorded.
    #[test]
    fn unknown_flags_are_kept_and_do_not_hide_the_known_one() {
        for (flags, sampled) in [("00", false), ("01", true), ("fe", false), ("ff", true)] {
            let parent = parsed(&with("00", TRACE, PARENT, flags)).unwrap();

            assert_eq!(parent.is_sampled(), sampled, "{flags}");
            assert!(parent.to_string().ends_with(flags), "{parent}");
        }
    }
}
