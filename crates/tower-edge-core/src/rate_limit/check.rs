/// The answer of a [`Store`](super::Store): at once, or in a future.
#[derive(Debug)]
#[must_use = "a check that is dropped has decided nothing"]
pub enum Check<F, D> {
    /// The result is here; the layer goes on without a future of the store's.
    Now(D),
    /// The result comes with this future.
    Later(F),
}
