use std::borrow::Cow;

/// What a request says of the client that sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim<'a> {
    /// It names no version.
    Absent,
    /// It names one that cannot be read, or two.
    Malformed,
    /// It names one.
    Client {
        /// The platform, such as `ios`, where it is named too.
        platform: Option<Cow<'a, str>>,
        /// The version as it is written, which need not be one.
        version: Cow<'a, str>,
    },
}

impl<'a> Claim<'a> {
    /// This version, of a client whose platform is not known.
    #[must_use]
    pub const fn of(version: &'a str) -> Self {
        Self::Client {
            platform: None,
            version: Cow::Borrowed(version),
        }
    }
}
