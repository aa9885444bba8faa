use http::StatusCode;

/// How much of a problem clients may see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Exposure {
    /// Only [public](Visibility::Public) details. The default.
    #[default]
    Production,
    /// Also details for [development](Visibility::Development).
    Development,
}

impl Exposure {
    /// Whether clients may see a detail of this visibility.
    #[must_use]
    pub const fn shows(self, visibility: Visibility) -> bool {
        match visibility {
            Visibility::Public => true,
            Visibility::Development => matches!(self, Self::Development),
            Visibility::Internal => false,
        }
    }
}

/// Who may see a detail of a problem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Visibility {
    /// Every client.
    #[default]
    Public,
    /// Only clients of a service in development. An example is the address of an upstream.
    Development,
    /// Nobody outside: it is only logged.
    Internal,
}

/// The log level of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Level {
    /// For debugging only.
    Debug,
    /// An event of normal operation.
    Info,
    /// Somebody should look at it some day.
    Warn,
    /// Somebody should look at it now.
    Error,
}

impl Level {
    /// [`Error`](Self::Error) for a server error, else [`Debug`](Self::Debug): clients can cause as many rejections
    /// as they like.
    #[must_use]
    pub const fn from_status(status: StatusCode) -> Self {
        if status.as_u16() >= 500 {
            Self::Error
        } else {
            Self::Debug
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Definition, Kind, Problem};

    #[test]
    fn client_and_server_errors_differ() {
        let level = |kind| Problem::new(kind).level();

        assert_eq!(level(Kind::NotFound), Level::Debug);
        assert_eq!(level(Kind::UpstreamTimeout), Level::Error);
    }

    #[test]
    fn the_level_of_a_definition_is_its_own_or_that_of_its_status() {
        static WARNED: Definition =
            Definition::new("denied", Kind::PermissionDenied).with_level(Level::Warn);
        static MOVED: Definition = Definition::new("denied", Kind::PermissionDenied)
            .with_status(StatusCode::INTERNAL_SERVER_ERROR);

        assert_eq!(Problem::from(&WARNED).level(), Level::Warn);
        assert_eq!(Problem::from(&MOVED).level(), Level::Error);
    }
}
