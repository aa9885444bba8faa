/// How much of a problem may leave the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Exposure {
    /// Only what is [public](Visibility::Public). The default.
    #[default]
    Production,
    /// What is meant for [development](Visibility::Development) too.
    Development,
}

impl Exposure {
    /// Whether a detail of this visibility may leave.
    #[must_use]
    pub const fn shows(self, visibility: Visibility) -> bool {
        match visibility {
            Visibility::Public => true,
            Visibility::Development => matches!(self, Self::Development),
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
    /// Only clients of a service that is being developed, such as the address of an upstream.
    Development,
}
