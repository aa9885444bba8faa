//! What a client reads of each problem in each format.

use std::time::Duration;

use bytes::Bytes;
use http::{Extensions, HeaderMap, Method, Request, Response, Uri, Version};
use http_body_util::{BodyExt, Full};
use tower::{BoxError, ServiceBuilder, ServiceExt, service_fn};
use tower_edge::client::decode::{RemoteProblem, decode};
use tower_edge::correlation_id::{CorrelationId, CorrelationIdLayer};
use tower_edge::envelope::format::{
    Grpc, GrpcWeb, GrpcWebText, ProblemDetails, RpcErrorStyle, messages,
};
use tower_edge::envelope::{EnvelopeLayer, Format, JsonRpcIdLayer};
use tower_edge::http_ext::retry_after_seconds;
use tower_edge::problem::{Catalog, Definition, FieldError};
use tower_edge::{Head, Kind, Problem};
use tower_edge_formats::{Aip193, Connect, JsonApi, routermcp};

use crate::snapshot::SNAPSHOTS;

/// A format, and the catalogue that has its codes.
#[derive(Clone, Copy)]
struct Written {
    catalog: Option<&'static Catalog>,
    format: &'static dyn Format,
    name: &'static str,
}

fn formats() -> Vec<Written> {
    let documents = SNAPSHOTS.iter().map(|it| Written {
        catalog: Some(it.catalog),
        format: it.format,
        name: it.name,
    });
    let typed = ProblemDetails::new().with_type_base("https://a.example/");
    let http = routermcp::RPC.with_error_style(RpcErrorStyle::HttpStatus);
    let tools = routermcp::RPC.with_error_style(RpcErrorStyle::ToolResult);
    let connect: &Connect = Box::leak(Box::new(Connect::new()));
    let others: [(&str, &'static dyn Format); 10] = [
        ("problem", &ProblemDetails),
        ("typed_problem", Box::leak(Box::new(typed))),
        ("json_api", &JsonApi),
        ("aip_193", Box::leak(Box::new(Aip193::new()))),
        ("connect", connect),
        ("connect_json", stream(connect, "application/connect+json")),
        (
            "connect_proto",
            stream(connect, "application/connect+proto"),
        ),
        ("grpc", &Grpc),
        ("grpc_web", &GrpcWeb),
        ("grpc_web_text", &GrpcWebText),
    ];
    let others = others.map(|(name, format)| Written {
        catalog: None,
        format,
        name,
    });
    let rpc = [("routermcp", http), ("tools", tools)].map(|(name, rpc)| Written {
        catalog: Some(&routermcp::CATALOG),
        format: Box::leak(Box::new(rpc)),
        name,
    });
    documents.chain(others).chain(rpc).collect()
}

fn stream(connect: &'static Connect, content_type: &'static str) -> &'static dyn Format {
    let headers = HeaderMap::from_iter([(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static(content_type),
    )]);
    let uri = Uri::from_static("/");
    connect
        .select(Head::new(
            &Method::POST,
            &uri,
            Version::HTTP_2,
            &headers,
            &Extensions::new(),
        ))
        .unwrap()
}

impl Written {
    fn row(self, problem: &Problem) -> Option<&'static Definition> {
        self.catalog
            .and_then(|catalog| catalog.definition_of(problem))
    }

    /// The code that stands for the problem.
    fn code(self, problem: &Problem, status: u16) -> Option<String> {
        let (row, kind) = (self.row(problem), problem.kind());
        Some(match self.name {
            "plexmcp" | "routermcp_rest" => messages::code(row, kind.name()).to_owned(),
            "ads_mcp" | "medianest" => messages::code(row, kind.upper_name()).to_owned(),
            "plexichat" if messages::code(row, "").is_empty() => status.to_string(),
            "plexichat" => messages::code(row, "").to_owned(),
            "routermcp" => match row {
                Some(row) => row.code().to_string(),
                None if kind.status().is_client_error() => "-32600".to_owned(),
                None => "-32603".to_owned(),
            },
            "problem" | "tools" => return None,
            "typed_problem" => format!("https://a.example/{}", kind.name()),
            "json_api" => kind.name().to_owned(),
            _ => kind.upper_name().to_owned(),
        })
    }

    /// The message, in which some formats name the fields.
    fn message(self, problem: &Problem) -> String {
        let row = self.row(problem);
        match self.name {
            "ads_mcp" | "routermcp_rest" => {
                messages::message_with_fields(problem, row).into_owned()
            }
            // It is what the code means; `data.reason` is what has happened.
            "routermcp" => match row {
                Some(row) => row.message().to_owned(),
                None if problem.status().is_client_error() => "Invalid request".to_owned(),
                None => "Internal error".to_owned(),
            },
            "grpc" | "grpc_web" | "grpc_web_text" if !problem.field_errors().is_empty() => {
                let message = messages::message(problem, row);
                message.trim_end_matches('.').to_owned()
            }
            "json_api" if !problem.field_errors().is_empty() => problem.kind().title().to_owned(),
            _ => messages::message(problem, row).to_owned(),
        }
    }

    /// The fields that are listed, rather than named in the message.
    fn lists_fields(self) -> bool {
        !matches!(self.name, "ads_mcp" | "routermcp_rest" | "tools")
    }

    async fn response(self, problem: &Problem) -> Response<Bytes> {
        let service = ServiceBuilder::new()
            .layer(CorrelationIdLayer::new())
            .layer(JsonRpcIdLayer::new(4096))
            .layer(EnvelopeLayer::new(self.format).with_domain("a.example"))
            .service(service_fn(async |_| {
                Err::<Response<Full<Bytes>>, _>(problem.clone())
            }));
        let content_type = match self.name {
            "grpc" => "application/grpc",
            _ => "application/json",
        };
        let request = Request::post("/")
            .header("content-type", content_type)
            .header("x-correlation-id", "req_abc123xyz")
            .body(Full::<Bytes>::from(
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#,
            ));
        let response = service.oneshot(request.unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Response::from_parts(head, body)
    }
}

/// What a client reads that goes by the head, or by all of a success.
async fn read(response: Response<Bytes>) -> RemoteProblem {
    let whole = response.clone();
    match decode(response.map(Full::new)).await {
        Err(remote) => remote,
        Ok(_) => RemoteProblem::from_response(&whole).unwrap_or_else(|| panic!("{whole:?}")),
    }
}

#[tokio::test]
async fn every_kind_is_read_as_it_is_written_in_every_format() {
    for format in formats() {
        for kind in Kind::ALL {
            let problem = Problem::new(*kind);
            let response = format.response(&problem).await;
            let status = response.status();
            let what = format!("{} {kind} {response:?}", format.name);

            let remote = read(response).await;

            let code = format.code(&problem, status.as_u16());
            assert_eq!(remote.status(), status, "{what}");
            assert_eq!(remote.code(), code.as_deref(), "{what}");
            assert_eq!(remote.message(), Some(&*format.message(&problem)), "{what}");
            assert_eq!(remote.retry_after(), None, "{what}");
            let id = remote.correlation_id().map(CorrelationId::as_str);
            assert_eq!(id, Some("req_abc123xyz"), "{what}");
            if status.is_client_error() || status.is_server_error() {
                assert_eq!(
                    Kind::from_status(remote.kind().status()),
                    Kind::from_status(status)
                );
            } else if remote.grpc_code().is_some() {
                // To Connect, an overload is one of several reasons to be unavailable.
                assert_eq!(remote.kind().status(), kind.status(), "{what}");
            }
        }
    }
}

#[tokio::test]
async fn wait_fields_and_details_are_read_in_every_format() {
    let wait = Duration::from_millis(1500);
    let problem = Problem::new(Kind::Validation)
        .with_detail("resource", "media")
        .with_field_error(FieldError::new("title", "is required"))
        .with_field_error(FieldError::new("tmdbId", "must be positive"))
        .with_retry_after(wait);
    for format in formats() {
        let response = format.response(&problem).await;
        let what = format!("{} {response:?}", format.name);

        let remote = read(response).await;

        let is_exact = matches!(
            format.name,
            "plexichat"
                | "aip_193"
                | "connect"
                | "connect_json"
                | "connect_proto"
                | "grpc"
                | "grpc_web"
                | "grpc_web_text"
        );
        let seconds = Duration::from_secs(retry_after_seconds(wait));
        let expected = if is_exact { wait } else { seconds };
        assert_eq!(remote.retry_after(), Some(expected), "{what}");
        if format.name != "tools" {
            assert_eq!(remote.message(), Some(&*format.message(&problem)), "{what}");
        }
        if format.lists_fields() {
            let fields = remote.field_errors().iter();
            let fields: Vec<_> = fields.map(|it| (it.field(), it.message())).collect();
            // A map has an order of its own.
            assert!(fields.contains(&("title", "is required")), "{what}");
            assert!(fields.contains(&("tmdbId", "must be positive")), "{what}");
            let mut details = remote.details().iter();
            let is_kept = details.any(|it| it.name() == "resource" && it.json() == "\"media\"");
            assert!(is_kept || format.name == "plexmcp", "{what} {remote:?}");
        }
    }
}

#[tokio::test]
async fn every_row_of_the_documents_is_read_as_it_is_written() {
    for format in formats() {
        for row in format.catalog.into_iter().flat_map(Catalog::definitions) {
            let problem = Problem::from(row);
            let response = format.response(&problem).await;
            let status = response.status();
            let what = format!("{} {row:?}", format.name);

            let remote = read(response).await;

            let code = format.code(&problem, status.as_u16());
            assert_eq!(remote.code(), code.as_deref(), "{what}");
            assert_eq!(remote.message(), Some(row.message()), "{what}");
        }
    }
}

#[tokio::test]
async fn a_problem_for_our_client_has_nothing_of_the_upstreams_text() {
    for format in formats() {
        for kind in Kind::ALL {
            let problem = Problem::new(*kind)
                .with_message("secret")
                .with_detail("a", "secret");
            let remote = read(format.response(&problem).await).await;

            let ours = Problem::from(remote);

            for format in formats() {
                let response = format.response(&ours).await;
                let text = String::from_utf8_lossy(response.body()).into_owned();
                assert!(!text.contains("secret"), "{} {text}", format.name);
                assert!(!format!("{:?}", response.headers()).contains("secret"));
            }
            assert!(ours.status().as_u16() >= 502, "{} {kind}", format.name);
            let _: BoxError = ours.into();
        }
    }
}
