use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::{HeaderName, HeaderValue, Request};

/// The input cut into lines, the last of them the rest of it.
#[must_use]
pub fn lines<const COUNT: usize>(data: &[u8]) -> [&[u8]; COUNT] {
    let mut lines = data.splitn(COUNT, |byte| *byte == b'\n');
    std::array::from_fn(|_| lines.next().unwrap_or_default())
}

/// A request with those fields whose values can be such at all; others no server lets through.
pub fn head<'a>(fields: impl IntoIterator<Item = (HeaderName, &'a [u8])>) -> Request<()> {
    let mut request = Request::new(());
    for (name, value) in fields {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            request.headers_mut().append(name, value);
        }
    }
    request
}

/// The output of a future that is ready at once.
///
/// # Panics
///
/// If it waits all the same.
pub fn resolved<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits for something"),
    }
}
