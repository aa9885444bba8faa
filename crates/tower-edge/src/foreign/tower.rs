//! The errors of tower's own layers.

use std::error::Error;

use tower::buffer::error::Closed;
use tower::load_shed::error::Overloaded;
use tower::timeout::error::Elapsed;
use tower_edge_core::Kind;

pub(crate) fn kind_of(error: &(dyn Error + 'static)) -> Option<Kind> {
    if error.is::<Elapsed>() {
        Some(Kind::UpstreamTimeout)
    } else if error.is::<Overloaded>() {
        Some(Kind::Overloaded)
    } else if error.is::<Closed>() {
        Some(Kind::Unavailable)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use tokio_test::block_on;
    use tower::BoxError;
    use tower::ServiceExt;
    use tower::buffer::Buffer;
    use tower::service_fn;

    use super::*;

    #[test]
    fn knows_a_timeout_from_shed_load() {
        assert_eq!(kind_of(&Elapsed::new()), Some(Kind::UpstreamTimeout));
        assert_eq!(kind_of(&Overloaded::new()), Some(Kind::Overloaded));
        assert_eq!(kind_of(&std::fmt::Error), None);
    }

    #[test]
    fn a_buffer_without_its_worker_is_unavailable() {
        let service = service_fn(async |(): ()| Ok::<_, BoxError>(()));
        let (mut buffer, worker) = Buffer::pair(service, 1);
        drop(worker);

        let error = block_on(buffer.ready()).map(|_| ()).unwrap_err();

        assert_eq!(kind_of(&*error), Some(Kind::Unavailable));
    }
}
