//! The error reference of an API as routes of axum.

use std::collections::HashMap;
use std::slice;
use std::sync::Arc;

use ::axum::Router;
use ::axum::extract::{Path, State};
use ::axum::response::IntoResponse;
use ::axum::routing::get;
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderName};
use serde_json::Value;
use tower_edge_core::http_ext::preferred;
use tower_edge_core::{Kind, Problem};

use crate::reference::Reference;

impl Reference {
    /// Routes of axum (feature `axum`): all errors at this path, and each error below it, by its key or an earlier key.
    /// So the `type` URIs of RFC 9457 resolve, if they begin with this path.
    ///
    /// ```
    /// use axum::Router;
    /// use axum::body::Body;
    /// use http::Request;
    /// use tower::ServiceExt;
    /// use tower_edge::envelope::format::ProblemDetails;
    /// use tower_edge::problem::LAYERS;
    /// use tower_edge::reference::Reference;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let format = ProblemDetails::new().with_catalog(&LAYERS).with_type_base("/errors/");
    /// let reference = Reference::new("Shop API", &LAYERS).with_format(format);
    /// let app: Router = Router::new().merge(reference.to_router("/errors"));
    ///
    /// let request = Request::get("/errors/rate_limited").header("accept", "text/html").body(Body::empty())?;
    /// let response = app.oneshot(request).await?;
    ///
    /// assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// `Accept` selects HTML or JSON. Without a preference, all errors are [the page](Self::to_html), and one error is
    /// [JSON](Self::error_json). An unknown code is a 404. This function makes all responses at once.
    ///
    /// # Panics
    ///
    /// If axum rejects the path, such as one that does not begin with `/`.
    pub fn to_router<S: Clone + Send + Sync + 'static>(&self, path: &str) -> Router<S> {
        let keys = self.rows().flat_map(|row| {
            let aliases = row.aliases().iter().copied();
            aliases.chain([row.key()])
        });
        let errors = keys.filter_map(|key| {
            let json = self.error_json(key)?.to_string();
            let page = self.error_html(key, path)?;
            Some((key, [(JSON, json.into()), (PAGE, page.into())]))
        });
        let errors: Errors = Arc::new(errors.collect());
        let list: Vec<_> = self
            .rows()
            .filter_map(|row| self.error_json(row.key()))
            .collect();
        let list = Value::from(list).to_string();
        let all: Representations = [(PAGE, self.to_html().into()), (JSON, list.into())];
        let all = get(async move |headers: HeaderMap| respond(&headers, &all));
        let path = path.trim_end_matches('/');
        Router::new()
            .route(if path.is_empty() { "/" } else { path }, all)
            .route(&format!("{path}/{{code}}"), get(error).with_state(errors))
    }
}

/// By key, and by each earlier key.
type Errors = Arc<HashMap<&'static str, Representations>>;

/// Their types and texts, the preferred one first.
type Representations = [(&'static str, Bytes); 2];

async fn error(
    State(errors): State<Errors>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let error = errors.get(&*code);
    let error = error.ok_or_else(|| Problem::new(Kind::NotFound))?;
    Ok(respond(&headers, error))
}

fn respond(headers: &HeaderMap, [first, other]: &Representations) -> impl IntoResponse + use<> {
    let (content_type, body) = preferred(headers, first, slice::from_ref(other), |(name, _)| *name);
    let fields = [(CONTENT_TYPE, *content_type), (VARY, "Accept"), POLICY];
    (fields, body.clone())
}

const JSON: &str = "application/json";
const PAGE: &str = "text/html; charset=utf-8";
const POLICY: (HeaderName, &str) = (CONTENT_SECURITY_POLICY, Reference::CONTENT_SECURITY_POLICY);
