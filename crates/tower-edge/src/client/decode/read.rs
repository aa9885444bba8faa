use std::future::poll_fn;
use std::pin::pin;

use bytes::Buf;
use http::Response;
use http_body::Body;

use super::RemoteProblem;

/// Returns the response where its head is a success, and reads the error otherwise; see the
/// [module docs](super) for an example.
///
/// # Errors
///
/// [`RemoteProblem`] for a 4xx, a 5xx, and a gRPC response whose head has the status of an error.
pub async fn decode<B: Body>(response: Response<B>) -> Result<Response<B>, RemoteProblem> {
    if !RemoteProblem::is_in_head(&response) {
        return Ok(response);
    }
    let (head, body) = response.into_parts();
    let body = read(body).await;
    let response = Response::from_parts(head, body);
    Err(RemoteProblem::read(&response).0)
}

/// The maximum number of bytes of an error's body that is read: 64 KiB.
pub const MAX_BODY: usize = 64 * 1024;

/// The start of a body, or what came of one that fails.
async fn read<B: Body>(body: B) -> Vec<u8> {
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    let mut left = MAX_BODY;
    while left > 0 {
        let frame = poll_fn(|cx| body.as_mut().poll_frame(cx)).await;
        let Some(Ok(frame)) = frame else { break };
        let Ok(mut data) = frame.into_data() else {
            break;
        };
        // An empty frame counts too, so that there is no end of them.
        let length = data.remaining().min(left);
        left -= length.max(1);
        let start = bytes.len();
        bytes.resize(start + length, 0);
        data.copy_to_slice(&mut bytes[start..]);
    }
    bytes
}

#[cfg(test)]
mod tests;
