/// Panics, as a handler with a bug does.
#[expect(clippy::panic, reason = "that is what it is for")]
pub(super) async fn panic() {
    panic!("the password is hunter2")
}
