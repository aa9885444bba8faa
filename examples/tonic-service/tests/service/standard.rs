//! The services that every gRPC server is expected to have.

use tokio_stream::iter;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tower_edge_tests::in_time;

use crate::service::{connect, entry, start};

#[tokio::test]
async fn health_knows_the_service_and_no_other() {
    let service = start().await;
    let mut client = HealthClient::new(connect(&service).await);
    let request = |name: &str| HealthCheckRequest {
        service: name.to_owned(),
    };

    for name in ["", "edge.Echo"] {
        let response = in_time(client.check(request(name))).await.unwrap();

        assert_eq!(response.get_ref().status(), ServingStatus::Serving);
        assert_eq!(entry(response.metadata(), "x-correlation-id").len(), 32);
    }
    let status = in_time(client.check(request("edge.Nobody"))).await;
    assert_eq!(status.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn reflection_lists_the_services_and_has_the_file_of_a_method() {
    let service = start().await;
    let mut client = ServerReflectionClient::new(connect(&service).await);
    let requests = [
        MessageRequest::ListServices(String::new()),
        MessageRequest::FileContainingSymbol("edge.Echo.Limited".to_owned()),
    ];
    let requests = requests.map(|request| ServerReflectionRequest {
        host: String::new(),
        message_request: Some(request),
    });

    let call = client.server_reflection_info(iter(requests));
    let mut responses = in_time(call).await.unwrap().into_inner();
    let mut next = async || {
        let response = in_time(responses.message()).await.unwrap().unwrap();
        response.message_response.unwrap()
    };

    let MessageResponse::ListServicesResponse(list) = next().await else {
        panic!("no list");
    };
    let names: Vec<_> = list.service.iter().map(|service| &*service.name).collect();
    for name in ["edge.Echo", "grpc.health.v1.Health"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let MessageResponse::FileDescriptorResponse(file) = next().await else {
        panic!("no file");
    };
    assert!(!file.file_descriptor_proto.is_empty());
}
