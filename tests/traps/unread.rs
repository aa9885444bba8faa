use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};
use tower_edge::core::BoxError;

/// A body that nobody may read: it could be endless, or never come.
#[derive(Debug, Default)]
pub(crate) struct Unread;

impl Body for Unread {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        panic!("the body was read")
    }
}
