use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use bytes::Buf;
use http::Response;
use http_body::Body;

use super::RemoteProblem;

/// Returns the response if its head shows a success. Otherwise it reads the error, for [`MAX_TIME`] at most. See the
/// [module docs](super) for an example.
///
/// # Errors
///
/// [`RemoteProblem`] for a 4xx, a 5xx, and a gRPC response whose head has the status of an error.
///
/// # Panics
///
/// If the body of an error is read outside of a Tokio runtime with time.
pub async fn decode<B: Body>(response: Response<B>) -> Result<Response<B>, RemoteProblem> {
    decode_within(response, MAX_TIME).await
}

/// Like [`decode`], but reads the body of an error for this time at most. A caller that uses only the status and the
/// wait needs little.
///
/// # Errors
///
/// As [`decode`].
///
/// # Panics
///
/// As [`decode`].
pub async fn decode_within<B: Body>(
    response: Response<B>,
    time: Duration,
) -> Result<Response<B>, RemoteProblem> {
    if !RemoteProblem::is_in_head(&response) {
        return Ok(response);
    }
    let (head, body) = response.into_parts();
    let mut bytes = Vec::new();
    // The part that has arrived in time is read, as with a body that fails.
    let _ = tokio::time::timeout(time, read(body, &mut bytes)).await;
    let response = Response::from_parts(head, bytes);
    Err(RemoteProblem::read(&response).0)
}

/// The maximum number of bytes of an error's body that is read: 64 KiB.
pub const MAX_BODY: usize = 64 * 1024;

/// The maximum time that [`decode`] reads the body of an error: one second.
pub const MAX_TIME: Duration = Duration::from_secs(1);

/// Reads the start of a body, or the part of a failing body that has arrived.
async fn read<B: Body>(body: B, bytes: &mut Vec<u8>) {
    let mut body = pin!(body);
    let mut left = MAX_BODY;
    while left > 0 {
        let frame = poll_fn(|cx| body.as_mut().poll_frame(cx)).await;
        let Some(Ok(frame)) = frame else { break };
        let Ok(mut data) = frame.into_data() else {
            break;
        };
        // An empty frame counts too, so that reading ends.
        let length = data.remaining().min(left);
        left -= length.max(1);
        let start = bytes.len();
        bytes.resize(start + length, 0);
        data.copy_to_slice(&mut bytes[start..]);
    }
}

#[cfg(test)]
mod tests;
