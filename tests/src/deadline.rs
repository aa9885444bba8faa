//! How long a test waits for anything.

use std::time::Duration;

use tokio::time::timeout;

/// Longer than anything takes on a slow machine: what takes longer hangs.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for a future, for at most [`PATIENCE`].
pub async fn in_time<F: Future>(future: F) -> F::Output {
    timeout(PATIENCE, future).await.expect("an end in time")
}
