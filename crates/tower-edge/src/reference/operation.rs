//! The errors of one operation in an OpenAPI document, for crates that write such documents.

use ::serde::de::DeserializeOwned;
use serde_json::map::Entry;
use serde_json::{Map, Value, json};
use tower_edge_core::Definition;

use super::openapi::Response;
use super::reference::Reference;

impl Reference {
    /// The [responses](https://spec.openapis.org/oas/v3.1.1.html#responses-object) of an operation that fails with these
    /// rows, by status.
    ///
    /// ```
    /// use tower_edge::problem::{LAYERS, catalog};
    /// use tower_edge::reference::Reference;
    /// use tower_edge_formats::PlexMcp;
    ///
    /// catalog! {
    ///     static ERRORS;
    ///     #[api(NotFound)]
    ///     const ORDER_NOT_FOUND;
    ///     #[api(Conflict)]
    ///     const OUT_OF_STOCK;
    /// }
    ///
    /// let reference = Reference::new("Shop API", &ERRORS).with_format(PlexMcp);
    /// let layers = LAYERS.definitions().filter(|row| row.status() == 429);
    ///
    /// let responses = reference.to_responses([&ORDER_NOT_FOUND].into_iter().chain(layers));
    ///
    /// assert!(responses.keys().eq(["404", "429"]));
    /// let schema = &responses["404"]["content"]["application/json"]["schema"];
    /// assert_eq!(schema["$ref"], "#/components/schemas/PlexmcpOrderNotFound");
    /// ```
    ///
    /// The responses refer to the [components](Self::to_openapi), which [`add_to_openapi`](Self::add_to_openapi) adds
    /// to the document. A row that is not in the reference is left out. If the reference has several formats, each
    /// response has the content of all. [`into_responses!`](super::into_responses) and
    /// [`operation_output!`](super::operation_output) pass the responses to utoipa and aide.
    #[must_use]
    pub fn to_responses(
        &self,
        rows: impl IntoIterator<Item = &'static Definition>,
    ) -> Map<String, Value> {
        let wanted: Vec<_> = rows.into_iter().collect();
        let mut responses = Map::new();
        for format in &self.variants() {
            for response in Response::of(format, |row| wanted.contains(&row)) {
                let value = response.to_value(format);
                match responses.entry(response.status.as_str()) {
                    Entry::Occupied(mut known) => add(known.get_mut(), value),
                    Entry::Vacant(entry) => {
                        entry.insert(value);
                    }
                }
            }
        }
        responses
    }
}

/// Adds the content of another format under the same status.
fn add(known: &mut Value, mut other: Value) {
    for part in ["headers", "content"] {
        let (Some(known), Value::Object(other)) = (known[part].as_object_mut(), other[part].take())
        else {
            continue;
        };
        for (name, value) in other {
            match known.entry(name) {
                Entry::Occupied(mut known) if part == "content" => {
                    add_content(known.get_mut(), value);
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
            }
        }
    }
}

/// Adds the bodies of a format with the same content type.
fn add_content(known: &mut Value, mut other: Value) {
    known["schema"] = json!({"anyOf": [known["schema"].take(), other["schema"].take()]});
    if let (Some(known), Some(other)) = (
        known["examples"].as_object_mut(),
        other["examples"].as_object_mut(),
    ) {
        known.append(other);
    }
}

/// The responses in another crate's types, for the macros.
#[doc(hidden)]
#[expect(
    clippy::expect_used,
    reason = "a document without an error would look complete"
)]
#[must_use]
pub fn read<T: DeserializeOwned>(responses: Map<String, Value>) -> Vec<(u16, T)> {
    let responses = responses.into_iter().map(|(status, response)| {
        let status = status.parse().expect("a status is a number");
        let response = serde_json::from_value(response);
        (status, response.expect("a response is one of OpenAPI 3.1"))
    });
    responses.collect()
}

/// Implements `utoipa::IntoResponses` for an error that derives `ApiError`, from a [`Reference`].
///
/// ```
/// use tower_edge::ApiError;
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge::reference::{Reference, into_responses};
/// use utoipa::OpenApi;
///
/// #[derive(Debug, ApiError)]
/// enum ShopError {
///     #[error("order {0} not found")]
///     #[api(NotFound)]
///     OrderNotFound(#[api(detail = "order_id")] u64),
/// }
///
/// fn errors() -> Reference {
///     let format = ProblemDetails::new().with_catalog(&ShopError::CATALOG).with_type_base("/errors/");
///     Reference::new("Shop API", &ShopError::CATALOG).with_format(format)
/// }
///
/// into_responses!(ShopError, errors());
///
/// #[utoipa::path(get, path = "/orders/{id}", responses((status = 200, description = "The order"), ShopError))]
/// async fn order() -> Result<(), ShopError> {
///     Err(ShopError::OrderNotFound(7))
/// }
///
/// #[derive(OpenApi)]
/// #[openapi(paths(order))]
/// struct Document;
///
/// let mut document = serde_json::to_value(Document::openapi()).unwrap();
/// errors().add_to_openapi(document.as_object_mut().unwrap());
///
/// let missing = &document["paths"]["/orders/{id}"]["get"]["responses"]["404"]["content"]["application/problem+json"];
/// assert_eq!(missing["schema"]["$ref"], "#/components/schemas/ProblemDetailsOrderNotFound");
/// assert!(document["components"]["schemas"]["ProblemDetailsOrderNotFound"]["properties"]["order_id"].is_object());
/// ```
///
/// The responses are those of the error's `CATALOG`, and of each catalogue that follows the reference, such as
/// [`LAYERS`](crate::problem::LAYERS): `into_responses!(ShopError, errors(), LAYERS)`. The macro names utoipa in your crate,
/// and works with version 6.
///
/// # Panics
///
/// Writing the document panics if utoipa cannot read a response.
#[doc(hidden)]
#[macro_export]
macro_rules! reference_into_responses {
    ($error:ty, $reference:expr $(, $catalog:expr)* $(,)?) => {
        impl ::utoipa::IntoResponses for $error {
            fn responses() -> ::std::collections::BTreeMap<
                ::std::string::String,
                ::utoipa::openapi::RefOr<::utoipa::openapi::response::Response>,
            > {
                let rows = <$error>::CATALOG.definitions()$(.chain($catalog.definitions()))*;
                let responses = $crate::reference::read($reference.to_responses(rows)).into_iter();
                responses.map(|(status, response)| (status.to_string(), response)).collect()
            }
        }
    };
}

/// Implements `aide::OperationOutput` for an error that derives `ApiError`, from a [`Reference`].
///
/// ```
/// use aide::axum::{ApiRouter, routing::get};
/// use tower_edge::ApiError;
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge::reference::{Reference, operation_output};
///
/// #[derive(Debug, ApiError)]
/// enum ShopError {
///     #[error("order {0} not found")]
///     #[api(NotFound)]
///     OrderNotFound(#[api(detail = "order_id")] u64),
/// }
///
/// fn errors() -> Reference {
///     let format = ProblemDetails::new().with_catalog(&ShopError::CATALOG).with_type_base("/errors/");
///     Reference::new("Shop API", &ShopError::CATALOG).with_format(format)
/// }
///
/// operation_output!(ShopError, errors());
///
/// async fn order() -> Result<(), ShopError> {
///     Err(ShopError::OrderNotFound(7))
/// }
///
/// let mut api = aide::openapi::OpenApi::default();
/// let router: axum::Router = ApiRouter::new().api_route("/orders/{id}", get(order)).finish_api(&mut api);
///
/// let mut document = serde_json::to_value(api).unwrap();
/// errors().add_to_openapi(document.as_object_mut().unwrap());
///
/// let missing = &document["paths"]["/orders/{id}"]["get"]["responses"]["404"]["content"]["application/problem+json"];
/// assert_eq!(missing["schema"]["$ref"], "#/components/schemas/ProblemDetailsOrderNotFound");
/// assert!(document["components"]["schemas"]["ProblemDetailsOrderNotFound"]["properties"]["order_id"].is_object());
/// ```
///
/// The responses are those of the error's `CATALOG`, and of each catalogue that follows the reference, such as
/// [`LAYERS`](crate::problem::LAYERS): `operation_output!(ShopError, errors(), LAYERS)`. The macro names aide in your
/// crate, and works with version 0.15.
///
/// # Panics
///
/// Writing the document panics if aide cannot read a response.
#[doc(hidden)]
#[macro_export]
macro_rules! reference_operation_output {
    ($error:ty, $reference:expr $(, $catalog:expr)* $(,)?) => {
        impl ::aide::OperationOutput for $error {
            type Inner = Self;

            fn inferred_responses(
                _: &mut ::aide::generate::GenContext,
                _: &mut ::aide::openapi::Operation,
            ) -> ::std::vec::Vec<(::std::option::Option<u16>, ::aide::openapi::Response)> {
                let rows = <$error>::CATALOG.definitions()$(.chain($catalog.definitions()))*;
                let responses = $crate::reference::read($reference.to_responses(rows)).into_iter();
                responses.map(|(status, response)| (Some(status), response)).collect()
            }
        }
    };
}
