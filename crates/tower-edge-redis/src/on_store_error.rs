/// What becomes of requests while the server does not decide.
///
/// None of them is refused as if the client had used up its limit, unless a limit in this process says
/// so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnStoreError {
    /// Answers an error, of which a layer makes a 503: for what must never go beyond its limit, such as
    /// attempts to log in.
    Closed,
    /// Decides in this process, with the count divided by the [number of
    /// machines](crate::RedisStore::with_machines). The default.
    #[default]
    LocalFallback,
    /// Lets everything through, and tells nobody where they stand.
    Open,
}
