use std::mem;
use std::time::SystemTime;

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, Method, Response, StatusCode, header};
use tower_edge_core::http_ext::{
    Protocol, content_type, header_int, is_media_type, retry_after_seconds,
};
use tower_edge_core::{
    Context, CorrelationId, Ending, ErrorId, Format, Head, JsonRpcIds, Kind, Problem, ResponseBody,
    contain_panic,
};

use super::event_stream::{Place, is_event_stream, may_be_added_to};
use super::format::{Grpc, GrpcWeb, GrpcWebText};
use super::message_stream::Messages;
use super::settings::Settings;
use super::watch::{Stream, Watch};
use super::{Report, scratch, surgery, watch};

/// What has to be known of a request to answer it with a problem.
#[derive(Debug)]
pub(super) struct Renderer<F> {
    correlation_id: Option<CorrelationId>,
    pub(super) format: F,
    is_head: bool,
    pub(super) protocol: Protocol,
    pub(super) settings: Settings,
}

/// What a response of the inner service is.
pub(super) enum Inspected<B> {
    /// A success, or an error that somebody has written already.
    HandedOn(Response<B>),
    /// The head of an error that is in its extensions as a problem.
    Problem(Parts),
}

impl<F: Format> Renderer<F> {
    pub(super) fn new(
        format: F,
        head: Head<'_>,
        id: Option<&CorrelationId>,
        settings: Settings,
    ) -> Self {
        Self {
            correlation_id: id.cloned(),
            format,
            is_head: head.method == Method::HEAD,
            protocol: Protocol::from_headers(head.headers),
            settings,
        }
    }

    pub(super) fn wants_json_rpc_ids(&self) -> bool {
        self.protocol == Protocol::Http && self.format.wants_json_rpc_ids()
    }

    /// Tells a response that has to be written anew from one that is handed on.
    pub(super) fn inspect<B>(&self, mut response: Response<B>) -> Inspected<B> {
        let status = response.status();
        // The whole price of a success.
        if !(status.is_client_error() || status.is_server_error()) {
            return Inspected::HandedOn(response);
        }
        let is_rendered = response
            .extensions()
            .get::<Problem>()
            .map(Problem::is_rendered);
        let problem = match is_rendered {
            Some(false) => return Inspected::Problem(head_of(response)),
            Some(true) if self.settings.rewrites_inner => None,
            Some(true) => return Inspected::HandedOn(response),
            None if self.is_bare(response.headers()) => bare(status),
            None => match self
                .settings
                .upstream
                .take_over(status, response.headers_mut())
            {
                Some(problem) => Some(problem),
                None => return Inspected::HandedOn(response),
            },
        };
        let mut parts = head_of(response);
        surgery::forget_the_error(&mut parts.headers);
        if let Some(problem) = problem {
            parts.extensions.insert(problem);
        }
        Inspected::Problem(parts)
    }

    /// Whether the body of this answer may be waited for, so that its first frame decides what the
    /// answer is. An event stream may have nothing to say for long, 101 has no body but a connection.
    pub(super) fn may_wait_for<B>(&self, response: &Response<B>) -> bool {
        self.protocol == Protocol::Http
            && !self.is_head
            && may_have_body(response.status())
            && !is_event_stream(response)
    }

    /// Tells everybody who wants to know of a problem that comes after the answer: one that ended its body
    /// early, or one that no client is told of.
    pub(super) fn tell_unsent(&self, problem: &mut Problem, in_body: bool) {
        if problem.status().is_server_error() {
            problem.set_error_id(error_id());
        }
        self.tell(problem, StatusCode::OK, in_body);
    }

    pub(super) fn context<'a>(&'a self, ids: Option<&'a JsonRpcIds>) -> Context<'a> {
        Context::default()
            .with_correlation_id(self.correlation_id.as_ref())
            .with_domain(self.settings.domain)
            .with_exposure(self.settings.exposure)
            .with_json_rpc_ids(ids)
    }

    fn tell(&self, problem: &Problem, sent: StatusCode, in_body: bool) {
        let format = match format_of(self.protocol) {
            Some(format) => format.name(),
            None => self.format.name(),
        };
        self.settings.tell(&Report {
            correlation_id: self.correlation_id.as_ref(),
            format,
            in_body,
            problem,
            sent,
        });
    }

    /// Whether a framework, not an API, has said this: no type, or plain text. To a gRPC client all
    /// but its own protocol is that.
    fn is_bare(&self, headers: &HeaderMap) -> bool {
        match content_type(headers) {
            None => true,
            Some(_) if self.protocol != Protocol::Http => {
                Protocol::from_headers(headers) != self.protocol
            }
            Some(value) => is_media_type(value, "text/plain"),
        }
    }

    /// Writes the problem in the extensions of this head.
    #[cold]
    pub(super) fn render<B>(
        &self,
        mut parts: Parts,
        ids: Option<&JsonRpcIds>,
    ) -> Response<ResponseBody<B>> {
        // Taken out as a whole, so that the problem stays in the box where it is.
        let mut extensions = mem::take(&mut parts.extensions);
        let Some(problem) = extensions.get_mut::<Problem>() else {
            return Response::from_parts(parts, ResponseBody::empty());
        };
        if problem.status().is_server_error() {
            problem.set_error_id(error_id());
        }
        let context = self.context(ids);
        let body = match format_of(self.protocol) {
            Some(format) => self.write(&format, problem, &context, &mut parts),
            None => self.write(&self.format, problem, &context, &mut parts),
        };
        // An envelope further in has told a problem that it could not write any more.
        if !problem.is_rendered() {
            self.tell(problem, parts.status, false);
            problem.mark_rendered();
        }
        parts.extensions = extensions;
        Response::from_parts(parts, body)
    }

    fn write<B>(
        &self,
        format: &impl Format,
        problem: &Problem,
        context: &Context<'_>,
        parts: &mut Parts,
    ) -> ResponseBody<B> {
        let refused_for_version = parts.status == StatusCode::UPGRADE_REQUIRED;
        parts.status = format.status(problem, context);
        if refused_for_version && parts.status != StatusCode::UPGRADE_REQUIRED {
            // They belong to the 426 that the format has made something else of.
            parts.headers.remove(header::CONNECTION);
            parts.headers.remove(header::UPGRADE);
        }
        surgery::forget_the_body(parts.status, &mut parts.headers);
        if let Some(wait) = problem.retry_after() {
            parts
                .headers
                .entry(header::RETRY_AFTER)
                .or_insert_with(|| header_int(retry_after_seconds(wait)));
        }
        format.headers(problem, context, &mut parts.headers);
        if !may_have_body(parts.status) {
            parts.headers.remove(header::CONTENT_TYPE);
            return ResponseBody::empty();
        }
        let mut out = scratch::take();
        format.body(problem, context, &mut out);
        if self.protocol == Protocol::Grpc || !out.is_empty() {
            parts
                .headers
                .insert(header::CONTENT_TYPE, format.content_type());
        } else {
            parts.headers.remove(header::CONTENT_TYPE);
        }
        let body = if self.is_head {
            let length = header_int(out.len() as u64);
            parts.headers.insert(header::CONTENT_LENGTH, length);
            ResponseBody::empty()
        } else {
            ResponseBody::full(Bytes::copy_from_slice(&out))
        };
        scratch::give_back(out);
        body
    }
}

/// Hands a response on, whose body ends in its own way when it breaks off. Only for an event stream, for
/// gRPC-Web and for who wants to know is there something to be kept until then.
pub(super) fn hand_on<F: Format + 'static, B>(
    renderer: &mut Option<Renderer<F>>,
    response: Response<B>,
) -> Response<ResponseBody<B>> {
    let ending = match renderer {
        Some(known) if known.settings.listens() => watched(renderer, &response),
        Some(known) => match known.protocol {
            Protocol::Grpc => Ending::By(watch::end_grpc, known.settings.classify),
            Protocol::Http if !is_event_stream(&response) => {
                Ending::By(watch::abort, known.settings.classify)
            }
            _ => watched(renderer, &response),
        },
        None => Ending::Abort,
    };
    response.map(|body| ResponseBody::inner_ending(body, ending))
}

#[inline(never)]
fn watched<F: Format + 'static, B>(
    renderer: &mut Option<Renderer<F>>,
    response: &Response<B>,
) -> Ending {
    let Some(renderer) = renderer.take() else {
        return Ending::Abort;
    };
    let stream = stream_of(renderer.protocol, response);
    Ending::Told(Box::new(Watch::new(renderer, stream)))
}

/// The format of a protocol's errors, where it has one of its own.
const fn format_of(protocol: Protocol) -> Option<&'static dyn Format> {
    match protocol {
        Protocol::Grpc => Some(&Grpc),
        Protocol::GrpcWeb => Some(&GrpcWeb),
        Protocol::GrpcWebText => Some(&GrpcWebText),
        _ => None,
    }
}

fn stream_of<B>(protocol: Protocol, response: &Response<B>) -> Stream {
    let headers = response.headers();
    let stream = match protocol {
        Protocol::Http => is_event_stream(response).then_some(Stream::Events(Place::BEGIN)),
        // A client may accept the one and send the other.
        Protocol::GrpcWeb | Protocol::GrpcWebText => Messages::of(headers).map(Stream::Messages),
        _ => None,
    };
    stream
        .filter(|_| may_be_added_to(headers))
        .unwrap_or(Stream::Other)
}

/// The head of a response whose body nobody gets. A body may panic as it is dropped, and is of no
/// interest any more.
pub(super) fn head_of<B>(response: Response<B>) -> Parts {
    let (parts, body) = response.into_parts();
    contain_panic(|| drop(body));
    parts
}

/// The id and the time of a server error.
#[expect(
    clippy::disallowed_methods,
    reason = "the time goes into the response, nothing is decided by it"
)]
fn error_id() -> ErrorId {
    ErrorId::new(fastrand::u64(..), SystemTime::now())
}

/// Puts a problem in the place of the success that this was the head of.
#[cold]
pub(super) fn replace(parts: &mut Parts, problem: Problem) {
    for name in [
        header::AGE,
        header::CACHE_CONTROL,
        header::EXPIRES,
        header::LOCATION,
    ] {
        parts.headers.remove(name);
    }
    parts.extensions.insert(problem);
}

fn bare(status: StatusCode) -> Option<Problem> {
    match status {
        StatusCode::NOT_FOUND => Some(Problem::new(Kind::RouteNotFound)),
        status => Problem::from_status(status),
    }
}

/// 1xx, 204, 205 and 304 end with their header fields
/// ([RFC 9110, section 6.4.1](https://www.rfc-editor.org/rfc/rfc9110#section-6.4.1)).
fn may_have_body(status: StatusCode) -> bool {
    !(status.is_informational() || matches!(status.as_u16(), 204 | 205 | 304))
}
