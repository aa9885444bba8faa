use super::Limits;

/// The argument of [`RateLimitLayer::new`](super::RateLimitLayer::new): one [`Limit`](super::Limit), several in an
/// array or a `Vec`, or [`Limits`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a rate limit",
    note = "a limit has a quota and a key: `Limit::new(Quota::per_second(20), ApiKey)`",
    note = "for a quota as text, write `Limit::new(\"20/s\".parse()?, ApiKey)`",
    note = "several limits stand in an array, and the `Result` of `Limits::new` needs a `?`"
)]
pub trait IntoLimits: Into<Limits> {}

#[diagnostic::do_not_recommend]
impl<T: Into<Limits>> IntoLimits for T {}

/// The argument of the conditions of a [`Limit`](super::Limit): an array, a `Vec`, or another list of values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of values",
    label = "one value stands in an array: `[…]`"
)]
pub trait List<T>: IntoIterator<Item = T> {}

#[diagnostic::do_not_recommend]
impl<T, L: IntoIterator<Item = T>> List<T> for L {}
