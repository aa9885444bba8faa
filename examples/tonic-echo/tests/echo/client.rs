//! tonic's client, without generated code.

use std::time::Duration;

use tokio::time::timeout;
use tonic::client::Grpc;
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use crate::service::Service;

/// A client on a connection of its own.
pub(crate) struct Client(Grpc<Channel>);

impl Client {
    pub(crate) async fn of(service: &Service) -> Self {
        let endpoint = Endpoint::from_shared(service.url().to_owned()).unwrap();
        Self(Grpc::new(endpoint.connect().await.unwrap()))
    }

    pub(crate) async fn call(
        &mut self,
        path: &'static str,
        metadata: &[(&'static str, &'static str)],
    ) -> Result<Response<String>, Status> {
        let mut request = Request::new("hello".to_owned());
        for (name, value) in metadata {
            request.metadata_mut().insert(*name, value.parse().unwrap());
        }
        self.0.ready().await.unwrap();
        let codec = ProstCodec::<String, String>::default();
        let answer = self.0.unary(request, path.parse().unwrap(), codec);
        timeout(PATIENCE, answer).await.expect("an answer in time")
    }
}

/// The only value of an entry that has to be there once.
pub(crate) fn entry<'a>(metadata: &'a MetadataMap, name: &str) -> &'a str {
    let values: Vec<_> = metadata.get_all(name).iter().collect();
    assert_eq!(values.len(), 1, "{name} in {metadata:?}");
    values[0].to_str().unwrap()
}

/// Longer than anything here takes on a slow machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
