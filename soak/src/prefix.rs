/// What the API of the gateway is mounted under; each has a format of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    Problem,
    PlexMcp,
    Plexichat,
    Ads,
    MediaNest,
    RouterMcp,
    /// Beside the formats.
    Nothing,
}

impl Prefix {
    /// In the order of the columns of an [`Errors`](crate::cases::Errors).
    pub(crate) const ALL: [Self; 6] = [
        Self::Problem,
        Self::PlexMcp,
        Self::Plexichat,
        Self::Ads,
        Self::MediaNest,
        Self::RouterMcp,
    ];

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Problem => "/problem",
            Self::PlexMcp => "/plexmcp",
            Self::Plexichat => "/plexichat",
            Self::Ads => "/ads",
            Self::MediaNest => "/medianest",
            Self::RouterMcp => "/routermcp",
            Self::Nothing => "",
        }
    }
}
