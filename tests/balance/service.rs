//! The service that all layers are around. It reads the request to its end, waits, and responds as the path says.

use std::future::pending;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use tower_edge::{BoxError, Kind, Problem, ResponseBody};

use crate::body::{Chunks, End, Held, Steps};

pub(crate) async fn respond<B>(
    request: Request<B>,
    held: Held,
) -> Result<Response<ResponseBody<Chunks>>, BoxError>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(Into::into)?;
    drop(body);
    Steps::default().await;
    let is_grpc = head.headers.contains_key(CONTENT_TYPE);
    let (content_type, chunk, end) = match head.uri.path() {
        "/error" => return Err("a secret of the service".into()),
        "/problem" => return Ok(Problem::new(Kind::NotFound).into_empty_response()),
        "/slow" => return pending().await,
        "/events" => ("text/event-stream", "data: tick\n\n", End::Whole),
        "/fails" => ("application/json", "{", End::Fails),
        "/stalling-events" => ("text/event-stream", "data: tick\n\n", End::Stalls),
        "/stalls" => ("application/json", "{", End::Stalls),
        _ if is_grpc => ("application/grpc", "\0\0\0\0\0", End::Trailers),
        _ => ("application/json", " 7 ", End::Whole),
    };
    let body = Chunks::new(chunk, 2, end, &held);
    let mut response = Response::new(ResponseBody::inner(body));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, content_type.parse()?);
    Ok(response)
}
