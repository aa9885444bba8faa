use std::time::Duration;

/// One time on two clocks: the server's, and this machine's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) here: Duration,
    pub(crate) server: Duration,
}

impl Moment {
    /// What the server's clock shows at a time of this machine; `None` for one before this, as of a clock
    /// that a test steps back.
    pub(crate) fn server_at(&self, here: Duration) -> Option<Duration> {
        let ago = here.checked_sub(self.here)?;
        Some(self.server.saturating_add(ago))
    }
}
