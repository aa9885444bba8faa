use std::time::Duration;

/// The limits of a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) half_close: bool,
    pub(super) header_read_timeout: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) max_concurrent_streams: u32,
    pub(super) max_header_list_size: u32,
    pub(super) max_unsent: usize,
    pub(super) shutdown_timeout: Duration,
    pub(super) write_timeout: Duration,
}
