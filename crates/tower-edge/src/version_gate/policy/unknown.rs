/// What becomes of a request whose client is not certain: that names no version, or names one that
/// cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Uncertain {
    /// It is served.
    LetThrough,
    /// It is refused with 400.
    Refuse,
}

/// What becomes of a client on a platform that the policy has no rule for.
///
/// A client that names no platform at all is held to the rule for everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnknownPlatform {
    /// It is held to the rule for everybody.
    #[default]
    ByDefault,
    /// It is served, whatever its version is.
    LetThrough,
    /// It is refused, with the status of outdated clients.
    Refuse,
}
