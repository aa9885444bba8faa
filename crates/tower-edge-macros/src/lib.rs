//! The derive macro of [tower-edge](https://docs.rs/tower-edge): an enum of errors that is also their catalogue.
//!
//! ```
//! use tower_edge::{ApiError, Problem};
//!
//! #[derive(Debug, ApiError)]
//! enum ShopError {
//!     #[error("{sku} is out of stock")]
//!     #[api(Conflict)]
//!     OutOfStock { #[api(detail)] sku: String },
//! }
//!
//! let problem = Problem::from(ShopError::OutOfStock { sku: "tea".to_owned() });
//! assert_eq!((problem.status().as_u16(), problem.key()), (409, "out_of_stock"));
//! ```
//!
//! Use it as `tower_edge::ApiError`, with the feature `derive` of tower-edge. [`ApiError`](derive@ApiError) has the
//! docs. The generated code names tower-edge, and no other crate. tower-edge turns on the features `axum` and `tonic`
//! with its own features of these names.

mod attributes;
mod case;
mod derive_list;
mod detail_type;
mod errors;
mod expand;
mod kinds;

use proc_macro::TokenStream;

use self::attributes::Input;

/// Makes an error enum the catalogue of an API: each variant is a row, and becomes a `Problem`.
///
/// ```
/// use tower_edge::{ApiError, Kind, Problem};
///
/// #[derive(Debug, ApiError)]
/// enum ShopError {
///     /// Others were faster.
///     #[error("{sku} is out of stock")]
///     #[api(Conflict, title = "Not so many left", fix = "Order at most `left`")]
///     OutOfStock { #[api(detail)] sku: String, #[api(detail)] left: usize },
///     #[error("database: {0}")]
///     #[api(Internal)]
///     Database(#[from] std::io::Error),
///     #[api(transparent)]
///     Edge(#[from] Problem),
/// }
///
/// let error = ShopError::OutOfStock { sku: "tea".to_owned(), left: 3 };
/// assert_eq!(error.to_string(), "tea is out of stock");
///
/// let problem = Problem::from(error);
/// assert_eq!((problem.kind(), problem.key()), (Kind::Conflict, "out_of_stock"));
/// assert_eq!(problem.details()[1].json(), "3");
///
/// // The text of a server error is for the log.
/// let problem = Problem::from(ShopError::Database(std::io::Error::other("10.0.0.3 is down")));
/// assert_eq!(problem.message(), None);
///
/// let row = ShopError::CATALOG.by_key("out_of_stock");
/// assert_eq!(row.map(|row| row.cause()), Some("Others were faster."));
/// ```
///
/// The derive implements `Display`, `Error`, `From` for each field with `#[from]`, and `From<ShopError> for Problem`.
/// It adds the constant `ShopError::CATALOG`. With the feature `axum` of tower-edge, a handler of axum can return the
/// error. With `tonic`, `?` converts it to a `tonic::Status`. A struct is an error with one row. Types with parameters
/// are not supported.
///
/// # What clients receive
///
/// - The message of a 4xx: the text of `#[error("…")]`, with its fields.
/// - The message of a 5xx: that of its row. Its `#[error("…")]` is logged, in front of its source, and never sent. So it
///   may name any field. For a text that clients receive, write `message = "{operation} took too long"`.
/// - The message of a row is `message`, else the text of a 4xx without fields, else `title`, else the title of the kind.
///   It is also the message of a variant without `#[error("…")]`.
/// - Fields with `#[api(detail)]`, and in development those with `#[api(development)]`.
/// - Never: a source, a field with `#[api(internal)]`, and a field without attributes that is not in the message. The log
///   has the first two. A message that clients receive does not compile with one of them.
///
/// A 4xx is logged at level `DEBUG`, with its source. `level = warn` logs one variant at `WARN`.
///
/// # On a variant, or a struct
///
/// | attribute | sets | default |
/// |---|---|---|
/// | `#[error("{sku} is out of stock")]` | `Display`, and the message of a 4xx | the message of the row |
/// | `#[error(transparent)]` | `Display` and the source, from the one field. The text is logged, and not sent | |
/// | a doc comment | the cause of the error, for the reference | |
/// | `#[api(Conflict)]` | the kind, a variant of `Kind` | required |
/// | `#[api(alias = "old_key")]` | an earlier key of the error; it may occur more than once | |
/// | `#[api(cause = "…")]` | the cause of the error, if the doc comment is not for the reference | the doc comment |
/// | `#[api(code = "E17")]`, `#[api(code = -32004)]` | the code on the wire | the key |
/// | `#[api(default)]` | that the row also describes problems of its kind that layers reject with | it does not |
/// | `#[api(deprecated = "use X")]` | that the service will not send the error any more, and what replaces it | |
/// | `#[api(fix = "…")]` | what a caller can do about the error | |
/// | `#[api(key = "sold_out")]` | the key, unique in the catalogue | the name of the variant |
/// | `#[api(level = warn)]` | the log level: `debug`, `info`, `warn` or `error` | `error` for a 5xx, else `debug` |
/// | `#[api(message = "…")]` | the message of a problem that has none of its own. That of a 5xx takes fields | see above |
/// | `#[api(retry = later)]` | whether a client may try again: `later` or `never` | that of the kind |
/// | `#[api(status = 410)]` | the status, from 400 to 599 | that of the kind |
/// | `#[api(title = "…")]` | a short summary, the same for each problem | the message of the row |
/// | `#[api(transparent)]` | that the error is the one field, which becomes a `Problem`: a `Problem`, or another `ApiError` | |
///
/// A message takes fields as `{sku}`, `{0}` and `{left:>3}`, and arguments as in thiserror: `#[error("{} left", .left + 1)]`.
///
/// `#[derive(Debug, thiserror::Error, ApiError)]` leaves `Display`, `Error` and `From` to thiserror. Where its derive has
/// another name or stands in an attribute of its own, or where a macro writes the list, add `#[api(thiserror)]`.
///
/// # On a field
///
/// | attribute | the field is |
/// |---|---|
/// | `#[api(detail)]`, `#[api(detail = "itemsLeft")]` | a detail, under its own name or this one. Its doc comment describes it |
/// | `#[api(detail(name = "price", type = object))]` | a detail of this type in JSON |
/// | `#[api(development)]` | a detail for development; it takes a name and a type too |
/// | `#[api(internal)]` | a detail for logs; it takes a name and a type too |
/// | `#[api(redacted)]`, beside one of these or alone | shown as `[redacted]`, in the details and in the message |
/// | `#[api(fields)]` | field errors: `Vec<FieldError>`, `FieldError`, or an `Option` of one |
/// | `#[api(retry_after)]` | when a client may try again: `Duration`, or an `Option` of one |
/// | `#[source]`, or the name `source` | what caused the error, for logs: an error, a boxed one, or an `Option` of one |
/// | `#[from]` | the source, and what `?` makes the error from |
///
/// The type of a detail is read from the Rust type: texts, numbers, `bool`, lists and sets, `Option` (the detail is
/// optional), maps (`object`), `Uuid`, `Url`, IP and socket addresses (`string`), `DateTime` of chrono and `Timestamp` of jiff
/// (`date_time`). Another type needs `type`: `any`, `array(…)`, `boolean`, `date_time`, `integer`, `number`, `object` or
/// `string`. Its `Serialize` writes the value. `type`, `title`, `status` and `detail` are no names of details that clients
/// receive: each problem of RFC 9457 has its own.
///
/// # On the type
///
/// | attribute | sets | default |
/// |---|---|---|
/// | `#[api(rename_all = "SCREAMING_SNAKE_CASE")]` | how keys are written, in serde's words | `snake_case` |
/// | `#[api(thiserror)]` | that thiserror's derive writes `Display`, `Error` and `From` | whether an `Error` stands in the same `#[derive(…)]` |
/// | `#[api(crate = "path")]` | where tower-edge is | `::tower_edge` |
///
/// # Mistakes
///
/// A word that does not exist, two variants with one key, or a kind that is missing does not compile:
///
/// ```compile_fail
/// #[derive(Debug, tower_edge::ApiError)]
/// enum ShopError {
///     #[api(Conflit)] // unknown kind `Conflit`; did you mean `Conflict`?
///     OutOfStock,
/// }
/// ```
#[proc_macro_derive(ApiError, attributes(api, error, from, source))]
pub fn derive_api_error(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    let code = Input::new(&input).and_then(|input| expand::implementation(&input));
    code.unwrap_or_else(|error| expand::stubs(&input, error))
        .into()
}
