//! An answer as far as it came.

use http::{HeaderMap, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;

#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) data: String,
    /// Whether it ended as a whole answer does.
    pub(crate) whole: bool,
    pub(crate) trailers: Option<HeaderMap>,
}

impl Read {
    pub(crate) async fn of(response: Response<Incoming>) -> Self {
        let (parts, mut body) = response.into_parts();
        let mut read = Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            data: String::new(),
            whole: true,
            trailers: None,
        };
        while let Some(frame) = body.frame().await {
            match frame.map(http_body::Frame::into_data) {
                Ok(Ok(data)) => read.data.push_str(str::from_utf8(&data).unwrap()),
                Ok(Err(frame)) => read.trailers = frame.into_trailers().ok(),
                Err(_) => {
                    read.whole = false;
                    break;
                }
            }
        }
        read
    }
}
