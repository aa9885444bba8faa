//! The service as a process of its own, and tonic's client without generated code.

use tokio::process::Command;
use tonic::client::Grpc;
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower_edge_tests::{Process, in_time};

/// The service's binary with these flags.
pub(crate) fn command(flags: &[&str]) -> Command {
    let mut command = tower_edge_tests::command(env!("CARGO_BIN_EXE_tonic-echo"));
    command.args(flags);
    command
}

/// Starts the binary on a free port; dropping it kills the process.
pub(crate) async fn start() -> Process {
    Process::start(command(&["--listen", "127.0.0.1:0"])).await
}

/// A client on a connection of its own.
pub(crate) struct Client(Grpc<Channel>);

impl Client {
    pub(crate) async fn of(service: &Process) -> Self {
        let endpoint = Endpoint::from_shared(service.url("")).unwrap();
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
        in_time(self.0.unary(request, path.parse().unwrap(), codec)).await
    }
}

/// The only value of an entry that has to be there once.
pub(crate) fn entry<'a>(metadata: &'a MetadataMap, name: &str) -> &'a str {
    let values: Vec<_> = metadata.get_all(name).iter().collect();
    assert_eq!(values.len(), 1, "{name} in {metadata:?}");
    values[0].to_str().unwrap()
}
