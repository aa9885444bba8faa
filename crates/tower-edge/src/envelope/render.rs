use std::time::SystemTime;

use bytes::Bytes;
use http::response::Parts;
use http::{StatusCode, header};
use tower_edge_core::http_ext::{Protocol, header_int};
use tower_edge_core::{Context, CorrelationId, ErrorId, Format, JsonRpcIds, Problem, ResponseBody};

use super::format::{Grpc, GrpcWeb, GrpcWebText};
use super::settings::Settings;
use super::{Report, scratch, surgery};

/// What has to be known of a request to respond to it with a problem.
#[derive(Debug)]
pub(super) struct Renderer<'a, F> {
    pub(super) correlation_id: Option<&'a CorrelationId>,
    pub(super) format: &'a F,
    pub(super) ids: Option<&'a JsonRpcIds>,
    pub(super) is_head: bool,
    pub(super) protocol: Protocol,
    pub(super) settings: &'a Settings,
}

/// Who has written the header fields of a response that becomes a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Headers {
    /// The inner service: fields about its body go.
    Foreign,
    /// Layers that rejected the request: no field is about a body.
    Own,
}

impl<F: Format> Renderer<'_, F> {
    /// Writes the problem on this head, and returns its body.
    pub(super) fn render<B>(
        &self,
        problem: &mut Problem,
        head: &mut Parts,
        headers: Headers,
    ) -> ResponseBody<B> {
        if problem.status().is_server_error() {
            problem.set_error_id(error_id());
        }
        let body = match format_of(self.protocol) {
            Some(format) => self.write(&format, problem, head, headers),
            None => self.write(self.format, problem, head, headers),
        };
        // An envelope further in has told a problem that it could not write any more.
        if !problem.is_rendered() {
            self.tell(problem, head.status, false);
            problem.mark_rendered();
        }
        body
    }

    /// Tells everybody who wants to know of a problem that comes after the answer: one that ended its body
    /// early, or one that no client is told of.
    pub(super) fn tell_unsent(&self, problem: &mut Problem, in_body: bool) {
        if problem.status().is_server_error() {
            problem.set_error_id(error_id());
        }
        self.tell(problem, StatusCode::OK, in_body);
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context::default()
            .with_correlation_id(self.correlation_id)
            .with_domain(self.settings.domain)
            .with_exposure(self.settings.exposure)
            .with_json_rpc_ids(self.ids)
    }

    fn tell(&self, problem: &Problem, sent: StatusCode, in_body: bool) {
        let format = match format_of(self.protocol) {
            Some(format) => format.name(),
            None => self.format.name(),
        };
        self.settings.tell(&Report {
            correlation_id: self.correlation_id,
            format,
            in_body,
            problem,
            sent,
        });
    }

    fn write<B>(
        &self,
        format: &impl Format,
        problem: &Problem,
        head: &mut Parts,
        headers: Headers,
    ) -> ResponseBody<B> {
        let context = &self.context();
        problem.extend_headers(&mut head.headers);
        let refused_for_version = head.status == StatusCode::UPGRADE_REQUIRED;
        head.status = format.status(problem, context);
        let context = &context.with_status(head.status);
        if refused_for_version && head.status != StatusCode::UPGRADE_REQUIRED {
            // They belong to the 426 that the format has made something else of.
            head.headers.remove(header::CONNECTION);
            head.headers.remove(header::UPGRADE);
        }
        if headers == Headers::Foreign {
            surgery::forget_the_body(head.status, &mut head.headers);
        }
        format.headers(problem, context, &mut head.headers);
        if !may_have_body(head.status) {
            head.headers.remove(header::CONTENT_TYPE);
            return ResponseBody::empty();
        }
        let mut out = scratch::take();
        format.body(problem, context, &mut out);
        if self.protocol == Protocol::Grpc || !out.is_empty() {
            head.headers
                .insert(header::CONTENT_TYPE, format.content_type());
        } else {
            head.headers.remove(header::CONTENT_TYPE);
        }
        let body = if self.is_head {
            let length = header_int(out.len() as u64);
            head.headers.insert(header::CONTENT_LENGTH, length);
            ResponseBody::empty()
        } else {
            ResponseBody::full(Bytes::copy_from_slice(&out))
        };
        scratch::give_back(out);
        body
    }
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

/// The id and the time of a server error.
#[expect(
    clippy::disallowed_methods,
    reason = "the time goes into the response, nothing is decided by it"
)]
fn error_id() -> ErrorId {
    ErrorId::new(fastrand::u64(..), SystemTime::now())
}

/// 1xx, 204, 205 and 304 end with their header fields
/// ([RFC 9110, section 6.4.1](https://www.rfc-editor.org/rfc/rfc9110#section-6.4.1)).
pub(super) fn may_have_body(status: StatusCode) -> bool {
    !(status.is_informational() || matches!(status.as_u16(), 204 | 205 | 304))
}
