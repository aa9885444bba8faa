use tower_edge_core::http_ext::{content_type, is_media_type};
use tower_edge_core::{Format, Head};

use super::Varied;
use crate::envelope::Choose;

/// The format that belongs to the type of the request's content, without its parameters and in any
/// case ([RFC 9110, section 8.3.1](https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1)).
///
/// gRPC needs no row: a call of it is answered in its own way, whatever was chosen. What is written
/// has `Vary: content-type`.
///
/// ```
/// use http::Request;
/// use tower_edge::core::{Format, Head};
/// use tower_edge::envelope::format::{ProblemDetails, routermcp};
/// use tower_edge::envelope::{AnyFormat, ByContentType, Choose};
///
/// const FORMATS: &[(&str, AnyFormat)] = &[("application/json-rpc", &routermcp::RPC)];
///
/// let choice = ByContentType::new(FORMATS, &ProblemDetails);
/// let request = Request::post("/").header("content-type", "Application/JSON-RPC; charset=utf-8").body(())?;
///
/// assert!(choice.choose(Head::from(&request)).wants_rpc_ids());
/// assert!(!choice.choose(Head::from(&Request::new(()))).wants_rpc_ids());
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
