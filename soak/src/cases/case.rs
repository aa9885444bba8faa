use serde_json::Value;

use super::Errors;

/// A kind of request, under any of its prefixes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) target: Target,
    pub(crate) method: &'static str,
    /// Below the prefix.
    pub(crate) path: &'static str,
    pub(crate) under: Under,
    pub(crate) fields: &'static [(&'static str, &'static str)],
    pub(crate) body: Body,
    /// Whether the client says that it is too old.
    pub(crate) outdated: bool,
    /// Whether the limit counts it, so that its fields are in the response.
    pub(crate) limited: bool,
    pub(crate) wanted: Wanted,
    /// How often, compared with the others of its table.
    pub(crate) weight: usize,
}

/// Which gateway it is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The one whose limit nobody reaches.
    Open,
    /// The one whose limit has been spent.
    Spent,
    /// The one whose upstream's responses are large.
    Large,
    /// The one that shares its limit, by Redis.
    Near,
    /// The one that shares that limit, by Redis behind a proxy.
    Distant,
    /// The one whose upstream is behind a proxy.
    Proxied,
}

impl Target {
    pub(crate) const COUNT: usize = Self::Proxied as usize + 1;
}

/// Under which prefixes there is such a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Under {
    All,
    Only(&'static [Prefix]),
}

/// What is sent behind the head.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    Empty,
    Text(&'static str),
    /// Nothing, or something that is refused, or not looked at, unread: from 2 bytes to 1 MiB.
    Unread,
    /// More than 64 KiB, which are read up to there.
    Oversized,
    /// A batch of this many pings.
    Pings(usize),
}

/// What the response has to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    /// The data of a success, given the correlation id of its response.
    Data(u16, fn(&Value, &str) -> bool),
    /// The error, as each prefix has it.
    Error(Errors),
    /// A message of JSON-RPC, or a batch.
    JsonRpc(u16, fn(Prefix, &Value) -> bool),
    /// This text, which no format has a say in.
    Text(&'static str),
    /// This status, and no body.
    Nothing(u16),
    /// Five events.
    Events,
    /// A body of this type that begins so, and then an end that is not one.
    Cut(&'static str, fn(&[u8]) -> bool),
}

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
    /// In the order of the columns of an [`Errors`].
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
