use tower_edge_core::http_ext::{content_type, is_media_type};
use tower_edge_core::{Format, Head};

use super::Varied;
use crate::envelope::Choose;

/// The format of the longest prefix that the path is under; a prefix is whole path segments.
///
/// The table is whatever holds pairs of prefix and format: a static slice, an array, or an `Arc` of a
/// slice for formats that are made at run time. An envelope inside `nest_service` sees the path
/// without what it is nested under.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Empty;
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge_formats::{MediaNest, RouterMcp};
/// use tower_edge::envelope::{AnyFormat, ByPath, EnvelopeLayer};
/// use tower_edge::{Kind, Problem};
///
/// const FORMATS: &[(&str, AnyFormat)] = &[("/medianest", &MediaNest), ("/routermcp", &RouterMcp)];
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let layer = EnvelopeLayer::by(ByPath::new(FORMATS, &ProblemDetails));
/// let service = ServiceBuilder::new().layer(layer).service(service_fn(
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
#[derive(Clone, Copy, Debug)]
pub struct ByPath<T, F> {
    otherwise: F,
    prefixes: T,
}

impl<T, F> ByPath<T, F> {
    /// The formats of these prefixes, and the one for paths under none of them.
    pub const fn new(prefixes: T, otherwise: F) -> Self
    where
        T: AsRef<[(&'static str, F)]>,
    {
        Self {
            otherwise,
            prefixes,
        }
    }
}

impl<T, F> Choose for ByPath<T, F>
where
    T: AsRef<[(&'static str, F)]>,
    F: Clone + Format + 'static,
{
    type Format = F;

    fn choose(&self, head: Head<'_>) -> F {
        let path = head.uri.path();
        let prefixes = self.prefixes.as_ref().iter();
        let longest = prefixes
            .filter(|(prefix, _)| is_under(path, prefix))
            .max_by_key(|(prefix, _)| prefix.len());
        longest
            .map_or(&self.otherwise, |(_, format)| format)
            .clone()
    }
}

/// `/a` is under `/a` and `/a/`, `/ab` is not.
fn is_under(path: &str, prefix: &str) -> bool {
    let rest = path.strip_prefix(prefix.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The format that belongs to the type of the request's content, without its parameters and in any
/// case ([RFC 9110, section 8.3.1](https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1)).
///
/// gRPC needs no row: a call of it is answered in its own way, whatever was chosen. What is written
/// has `Vary: content-type`.
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge_formats::routermcp;
/// use tower_edge::envelope::{AnyFormat, ByContentType, Choose, Format};
///
/// const FORMATS: &[(&str, AnyFormat)] = &[("application/json-rpc", &routermcp::RPC)];
///
/// let choice = ByContentType::new(FORMATS, &ProblemDetails);
/// let request = Request::post("/").header("content-type", "Application/JSON-RPC; charset=utf-8").body(())?;
///
/// assert!(choice.choose(Head::from(&request)).wants_json_rpc_ids());
/// assert!(!choice.choose(Head::from(&Request::new(()))).wants_json_rpc_ids());
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ByContentType<T, F> {
    otherwise: F,
    types: T,
}

impl<T, F> ByContentType<T, F> {
    /// The formats of these media types, and the one for all others and for none.
    pub const fn new(types: T, otherwise: F) -> Self
    where
        T: AsRef<[(&'static str, F)]>,
    {
        Self { otherwise, types }
    }
}

impl<T, F> Choose for ByContentType<T, F>
where
    T: AsRef<[(&'static str, F)]>,
    F: Clone + Format + 'static,
{
    type Format = Varied<F>;

    fn choose(&self, head: Head<'_>) -> Varied<F> {
        let format = content_type(head.headers).and_then(|value| {
            let mut types = self.types.as_ref().iter();
            types.find(|(name, _)| is_media_type(value, name))
        });
        let format = format.map_or(&self.otherwise, |(_, format)| format);
        Varied::new(format.clone(), "content-type")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_whole_segments() {
        for (path, prefix) in [
            ("/a", "/a"),
            ("/a/", "/a"),
            ("/a/b", "/a"),
            ("/a", "/a/"),
            ("/a", "/"),
            ("/", ""),
        ] {
            assert!(is_under(path, prefix), "{path} {prefix}");
        }
        for (path, prefix) in [("/ab", "/a"), ("/A", "/a"), ("/b/a", "/a"), ("*", "/")] {
            assert!(!is_under(path, prefix), "{path} {prefix}");
        }
    }
}
