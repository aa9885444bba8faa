use std::cmp::Reverse;
use std::sync::Arc;
use std::{fmt, iter};

use http::HeaderName;
use tower_edge_core::{Format, Head};

/// Selects the format of a request's errors, before the inner service is called.
///
/// [`ByPath`], [`ByAccept`](super::ByAccept) and functions implement it. Pass one to
/// [`EnvelopeLayer::select`](super::EnvelopeLayer::select).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not select formats",
    note = "for one format, write `EnvelopeLayer::new(format)`",
    note = "for a closure, write `EnvelopeLayer::select_fn(|head| …)`",
    note = "a function that takes `Head<'_>` may return `&'static F`, `Arc<F>` or `SelectedFormat`"
)]
pub trait FormatSelector: Send + Sync {
    /// Returns the format for the request with this head. It is called for each request.
    fn select(&self, head: Head<'_>) -> SelectedFormat;
}

impl<S, F> FormatSelector for S
where
    S: Fn(Head<'_>) -> F + Send + Sync,
    F: Into<SelectedFormat>,
{
    fn select(&self, head: Head<'_>) -> SelectedFormat {
        self(head).into()
    }
}

/// The format that a [`FormatSelector`] returns: a `&'static F`, or an `Arc<F>`.
///
/// ```
/// use std::sync::Arc;
///
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge::envelope::{Format, SelectedFormat};
///
/// let borrowed = SelectedFormat::from(&ProblemDetails);
/// let shared = SelectedFormat::from(Arc::new(ProblemDetails));
///
/// assert_eq!(borrowed.format().name(), shared.format().name());
/// ```
#[derive(Clone)]
pub struct SelectedFormat(Selected);

/// It is in every future, so it is as small as possible.
#[derive(Clone)]
enum Selected {
    Borrowed(&'static dyn Format),
    Shared(Arc<dyn Format>),
    Varied(Arc<(SelectedFormat, HeaderName)>),
}

impl SelectedFormat {
    /// Adds a request field on which the selection depends. The response has its name in `Vary`, so that no cache sends
    /// one client the format of another ([RFC 9110, section
    /// 12.5.5](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5)).
    ///
    /// ```
    /// use http::HeaderName;
    /// use tower_edge::Head;
    /// use tower_edge::envelope::format::{Grpc, ProblemDetails};
    /// use tower_edge::envelope::{EnvelopeLayer, SelectedFormat};
    ///
    /// let field = HeaderName::from_static("x-api-version");
    /// let old = SelectedFormat::from(&Grpc).with_vary(field.clone());
    /// let new = SelectedFormat::from(&ProblemDetails).with_vary(field.clone());
    ///
    /// let layer = EnvelopeLayer::select(move |head: Head<'_>| {
    ///     let is_old = head.headers.get(&field).is_some_and(|version| version == "1");
    ///     if is_old { old.clone() } else { new.clone() }
    /// });
    /// # let _ = layer;
    /// ```
    ///
    /// Each call adds a field. A call allocates, and a clone does not.
    #[must_use]
    pub fn with_vary(self, field: HeaderName) -> Self {
        Self(Selected::Varied(Arc::new((self, field))))
    }

    /// The format.
    #[must_use]
    pub fn format(&self) -> &dyn Format {
        match &self.0 {
            Selected::Borrowed(format) => *format,
            Selected::Shared(format) => &**format,
            Selected::Varied(varied) => varied.0.format(),
        }
    }

    /// The fields of [`with_vary`](Self::with_vary), the last one first.
    pub(super) fn vary(&self) -> impl Iterator<Item = &HeaderName> {
        iter::successors(self.varied(), |(inner, _)| inner.varied()).map(|(_, field)| field)
    }

    fn varied(&self) -> Option<&(Self, HeaderName)> {
        match &self.0 {
            Selected::Varied(varied) => Some(varied),
            _ => None,
        }
    }
}

impl<F: Format> From<&'static F> for SelectedFormat {
    fn from(format: &'static F) -> Self {
        Self::from(format as &'static dyn Format)
    }
}

impl From<&'static dyn Format> for SelectedFormat {
    fn from(format: &'static dyn Format) -> Self {
        Self(Selected::Borrowed(format))
    }
}

impl<F: Format + 'static> From<Arc<F>> for SelectedFormat {
    fn from(format: Arc<F>) -> Self {
        Self::from(format as Arc<dyn Format>)
    }
}

impl From<Arc<dyn Format>> for SelectedFormat {
    fn from(format: Arc<dyn Format>) -> Self {
        Self(Selected::Shared(format))
    }
}

impl fmt::Debug for SelectedFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SelectedFormat")
            .field("format", &self.format().name())
            .field("vary", &self.vary().collect::<Vec<_>>())
            .finish()
    }
}

/// Selects the format of the longest prefix that the path is under. A prefix consists of whole path segments.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Empty;
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge_formats::{MediaNest, RouterMcp};
/// use tower_edge::envelope::{ByPath, EnvelopeLayer};
/// use tower_edge::{Kind, Problem};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let formats = ByPath::new(ProblemDetails).with("/medianest", MediaNest).with("/routermcp", RouterMcp);
/// let service = ServiceBuilder::new().layer(EnvelopeLayer::select(formats)).service(service_fn(
///     async |_: Request<()>| Err::<Response<Empty<Bytes>>, _>(Problem::new(Kind::NotFound)),
/// ));
///
/// let medianest = service.clone().oneshot(Request::get("/medianest/users").body(())?).await?;
/// let other = service.oneshot(Request::get("/medianests").body(())?).await?;
///
/// assert_eq!(medianest.headers()["x-error-code"], "NOT_FOUND");
/// assert_eq!(other.headers()["content-type"], "application/problem+json");
/// # Ok(())
/// # }
/// ```
///
/// Inside of axum's `nest_service` the path lacks the prefix that the service is nested under.
#[derive(Clone, Debug)]
pub struct ByPath {
    otherwise: SelectedFormat,
    /// The longest first, without slashes at the end.
    prefixes: Vec<(String, SelectedFormat)>,
}

impl ByPath {
    /// Uses this format for paths that are under no prefix.
    pub fn new(otherwise: impl Format + 'static) -> Self {
        Self {
            otherwise: Arc::new(otherwise).into(),
            prefixes: Vec::new(),
        }
    }

    /// Adds the format of this prefix.
    #[must_use]
    pub fn with(mut self, prefix: &str, format: impl Format + 'static) -> Self {
        let prefix = prefix.trim_end_matches('/').to_owned();
        self.prefixes.push((prefix, Arc::new(format).into()));
        self.prefixes
            .sort_by_key(|(prefix, _)| Reverse(prefix.len()));
        self
    }
}

impl FormatSelector for ByPath {
    fn select(&self, head: Head<'_>) -> SelectedFormat {
        let path = head.uri.path();
        let mut prefixes = self.prefixes.iter();
        let longest = prefixes.find(|(prefix, _)| is_under(path, prefix));
        longest
            .map_or(&self.otherwise, |(_, format)| format)
            .clone()
    }
}

/// `/a` is under `/a` and `/a/`, `/ab` is not.
fn is_under(path: &str, prefix: &str) -> bool {
    let rest = path.strip_prefix(prefix);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use http::Request;
    use http::header::{ACCEPT, ACCEPT_LANGUAGE};

    use super::*;
    use crate::envelope::format::ProblemDetails;
    use tower_edge_formats::{MediaNest, PlexMcp};

    #[test]
    fn a_prefix_is_whole_segments() {
        let name = |prefix: &str, path| {
            let request = Request::get(path).body(()).unwrap();
            let by_path = ByPath::new(ProblemDetails).with(prefix, PlexMcp);
            by_path.select(Head::from(&request)).format().name()
        };

        for (path, prefix) in [
            ("/a", "/a"),
            ("/a/", "/a"),
            ("/a/b", "/a"),
            ("/a", "/a/"),
            ("/a", "/"),
            ("/", ""),
        ] {
            assert_eq!(name(prefix, path), "plexmcp", "{path} {prefix}");
        }
        for (path, prefix) in [("/ab", "/a"), ("/A", "/a"), ("/b/a", "/a"), ("*", "/")] {
            assert_ne!(name(prefix, path), "plexmcp", "{path} {prefix}");
        }
    }

    // RFC 9110, section 12.5.5: all fields that might have played a role.
    #[test]
    fn a_response_may_vary_by_several_fields() {
        let selected = SelectedFormat::from(&ProblemDetails)
            .with_vary(ACCEPT)
            .with_vary(ACCEPT_LANGUAGE);

        let fields: Vec<_> = selected.vary().collect();
        assert_eq!(fields, [ACCEPT_LANGUAGE, ACCEPT]);
    }

    #[test]
    fn the_longest_prefix_decides_in_any_order() {
        let request = Request::get("/a/b/c").body(()).unwrap();
        let short = ByPath::new(ProblemDetails).with("/a", PlexMcp);

        let by_path = short.with("/a/b/", MediaNest).with("/", PlexMcp);

        let selected = by_path.select(Head::from(&request));
        assert_eq!(selected.format().name(), "medianest");
    }
}
