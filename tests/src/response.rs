//! A response, read to its end.

use std::error::Error;
use std::fmt::Debug;
use std::pin::pin;

use bytes::{Buf, Bytes};
use http::{Extensions, HeaderMap, Version};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::{Service, ServiceExt};

/// What a client received, or what a service returned.
#[derive(Debug)]
pub struct TestResponse {
    /// The body without its trailers.
    pub body: Bytes,
    /// What layers left beside the response; empty where it came over a socket.
    pub extensions: Extensions,
    /// The header fields.
    pub headers: HeaderMap,
    /// Whether the body came to its end.
    pub is_complete: bool,
    /// The status code.
    pub status: u16,
    /// The trailer fields, if the body had any.
    pub trailers: Option<HeaderMap>,
    /// The version of HTTP.
    pub version: Version,
}

impl TestResponse {
    /// Reads a response to its end.
    pub async fn read<B>(response: http::Response<B>) -> Self
    where
        B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
    {
        let (response, error) = Self::read_frames(response).await;
        assert!(error.is_none(), "{error:?} after {response:?}");
        response
    }

    /// Reads a response as far as it comes; [`is_complete`](Self::is_complete) says whether that is its end.
    pub async fn read_available<B>(response: http::Response<B>) -> Self
    where
        B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
    {
        Self::read_frames(response).await.0
    }

    async fn read_frames<B>(
        response: http::Response<B>,
    ) -> (Self, Option<Box<dyn Error + Send + Sync>>)
    where
        B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
    {
        let (parts, body) = response.into_parts();
        let (mut data, mut trailers, mut error) = (Vec::new(), None, None);
        let mut body = pin!(body);
        while let Some(frame) = body.frame().await {
            match frame.map(Frame::into_data) {
                Ok(Ok(mut chunk)) => data.extend(chunk.copy_to_bytes(chunk.remaining())),
                Ok(Err(frame)) => trailers = frame.into_trailers().ok(),
                Err(failure) => {
                    error = Some(failure.into());
                    break;
                }
            }
        }
        let response = Self {
            body: data.into(),
            extensions: parts.extensions,
            headers: parts.headers,
            is_complete: error.is_none(),
            status: parts.status.as_u16(),
            trailers,
            version: parts.version,
        };
        (response, error)
    }

    /// The extension of this type.
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(&self) -> &T {
        self.extensions.get().unwrap()
    }

    /// The value of a field that occurs once.
    #[must_use]
    pub fn field(&self, name: &str) -> &str {
        field(&self.headers, name)
    }

    /// The value of a field that occurs once or not at all.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.has(name).then(|| self.field(name))
    }

    /// Whether the field occurs.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// All values of the field.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap()).collect()
    }

    /// All values of the field, joined by `", "`; empty when it is missing.
    #[must_use]
    pub fn list(&self, name: &str) -> String {
        self.values(name).join(", ")
    }

    /// The whole number in a field that occurs once.
    #[must_use]
    pub fn number(&self, name: &str) -> u64 {
        let value = self.field(name);
        assert!(value.bytes().all(|byte| byte.is_ascii_digit()), "{value}");
        value.parse().unwrap()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let json = serde_json::from_slice(&self.body);
        assert!(json.is_ok(), "{json:?}: {self:?}");
        json.unwrap()
    }
}

/// Sends one request to a service in this process, and reads the response to its end.
pub async fn oneshot<S, R, B>(service: S, request: R) -> TestResponse
where
    S: Service<R, Response = http::Response<B>, Error: Debug>,
    B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
{
    TestResponse::read(service.oneshot(request).await.unwrap()).await
}

/// The value of a field that occurs once.
#[must_use]
pub fn field<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let values: Vec<_> = headers.get_all(name).iter().collect();
    assert_eq!(values.len(), 1, "{name} in {headers:?}");
    values[0].to_str().unwrap()
}
