//! A buffer of each thread, in which it writes one body after the other. Each body is then one allocation of the right
//! size. A buffer with room to spare would cost two.

use std::cell::RefCell;

/// The thread's buffer, empty; a new one while it is in use.
pub(super) fn take() -> Vec<u8> {
    BUFFER.try_with(RefCell::take).unwrap_or_default()
}

/// Keeps the buffer for the next body, unless it has become large.
pub(super) fn give_back(mut buffer: Vec<u8>) {
    if buffer.capacity() <= MAX_KEPT {
        buffer.clear();
        // A thread that is ending needs no buffer.
        let _ = BUFFER.try_with(|kept| kept.replace(buffer));
    }
}

const MAX_KEPT: usize = 4096;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}
