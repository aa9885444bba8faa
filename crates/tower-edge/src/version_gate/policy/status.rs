use std::error::Error;
use std::fmt;

use http::StatusCode;

/// The status that refuses an outdated client: 426 unless said otherwise.
///
/// 426 means in the first place that a protocol is to be upgraded ([RFC 9110, section
/// 15.5.22](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.22)), and proxies answer with it for
/// reasons of their own; some APIs use 400, 403, 410 or, as Signal does, 499.
///
/// ```
/// use http::StatusCode;
/// use tower_edge::version_gate::RefusalStatus;
///
/// assert_eq!(RefusalStatus::new(StatusCode::GONE)?, RefusalStatus::GONE);
/// assert!(RefusalStatus::new(StatusCode::OK).is_err());
/// # Ok::<(), tower_edge::version_gate::RefusalStatusError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RefusalStatus(StatusCode);

impl RefusalStatus {
    /// 400.
    pub const BAD_REQUEST: Self = Self(StatusCode::BAD_REQUEST);
    /// 403.
    pub const FORBIDDEN: Self = Self(StatusCode::FORBIDDEN);
    /// 410.
    pub const GONE: Self = Self(StatusCode::GONE);
    /// 426, with `Upgrade` on HTTP/1.1.
    pub const UPGRADE_REQUIRED: Self = Self(StatusCode::UPGRADE_REQUIRED);

    /// Another status of the client's errors.
    ///
    /// # Errors
    ///
    /// When it is no 4xx, when it needs a field that the gate does not send (401, 405, 407), or when
    /// clients repeat the request because of it (408, 421, 425, 429).
    pub fn new(status: StatusCode) -> Result<Self, RefusalStatusError> {
        let is_taken = matches!(status.as_u16(), 401 | 405 | 407 | 408 | 421 | 425 | 429);
        if status.is_client_error() && !is_taken {
            Ok(Self(status))
        } else {
            Err(RefusalStatusError { status })
        }
    }

    /// The status.
    #[must_use]
    pub const fn get(self) -> StatusCode {
        self.0
    }
}

impl Default for RefusalStatus {
    fn default() -> Self {
        Self::UPGRADE_REQUIRED
    }
}

impl TryFrom<StatusCode> for RefusalStatus {
    type Error = RefusalStatusError;

    fn try_from(status: StatusCode) -> Result<Self, RefusalStatusError> {
        Self::new(status)
    }
}

/// The status would not be understood as a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusalStatusError {
    status: StatusCode,
}

impl fmt::Display for RefusalStatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.as_u16();
        write!(
            f,
            "refusal status {status} is not valid: expected a 4xx other than 401, 405, 407, 408, 421, 425 and 429"
        )
    }
}

impl Error for RefusalStatusError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_refuses_for_good_is_taken() {
        for code in 100..600 {
            let status = StatusCode::from_u16(code).unwrap();
            let good =
                (400..500).contains(&code) && ![401, 405, 407, 408, 421, 425, 429].contains(&code);

            assert_eq!(RefusalStatus::new(status).is_ok(), good, "{code}");
        }
    }

    #[test]
    fn the_error_names_the_status() {
        let error = RefusalStatus::new(StatusCode::TOO_MANY_REQUESTS).unwrap_err();

        assert!(
            error
                .to_string()
                .starts_with("refusal status 429 is not valid")
        );
    }
}
