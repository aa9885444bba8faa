use std::ops::{Deref, DerefMut};

use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower_edge_core::{Kind, Problem};

use super::JsonBytes;

/// [`axum::Json`] whose rejections are problems; see the [module docs](super) for an example.
///
/// The extractor accepts `application/json` and types that end in `+json`. It decodes no `Content-Encoding`: a layer
/// outside has to decode the body and remove the field. serde stops at the first invalid member, so a response names
/// one. [`garde::Valid`](garde/struct.Valid.html) and [`validator::Valid`](validator/struct.Valid.html) check the value
/// that serde has read, and name all invalid fields.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct Json<T>(pub T);

impl<T, S> FromRequest<S> for Json<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let JsonBytes(body) = JsonBytes::from_request(request, state).await?;
        Self::from_bytes(&body)
    }
}

impl<T, S> OptionalFromRequest<S> for Json<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    /// `None` for a request without a content type.
    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        if !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state)
            .await
            .map(Some)
    }
}

impl<T: DeserializeOwned> Json<T> {
    /// Deserializes a complete body.
    ///
    /// # Errors
    ///
    /// [`Kind::BadRequest`] if the body is not JSON, [`Kind::Validation`] if it is JSON of another type.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Problem> {
        let axum::Json(value) =
            axum::Json::from_bytes(bytes).map_err(|rejection| (rejection, bytes))?;
        Ok(Self(value))
    }
}

/// A value that does not serialize becomes an internal error, and its text is not sent.
impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
            Err(error) => Problem::new(Kind::Internal)
                .with_source(error)
                .into_response(),
        }
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

#[cfg(test)]
mod tests;
