/// How requests count of which no address is known, as over a Unix socket, or when the server does not
/// tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownAddress {
    /// All of them as one client: a limit that was meant holds, if for too many together.
    #[default]
    OneClient,
    /// They have no key, and are not limited by it.
    NoKey,
}
