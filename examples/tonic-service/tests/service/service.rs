//! The service as a process of its own, and clients of it.

use tokio::process::Command;
use tonic::Request;
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, Endpoint};
use tower_edge_tests::Process;

use crate::proto::echo_client::EchoClient;

/// The service's binary with these flags.
pub(crate) fn command(flags: &[&str]) -> Command {
    let mut command = tower_edge_tests::command(env!("CARGO_BIN_EXE_tonic-service"));
    command.args(flags);
    command
}

/// Starts the binary on a free port; dropping it kills the process.
pub(crate) async fn start() -> Process {
    start_with(&[]).await
}

/// The same with these flags.
pub(crate) async fn start_with(flags: &[&str]) -> Process {
    let mut command = command(flags);
    command.args(["--listen", "127.0.0.1:0"]);
    Process::start(command).await
}

/// A connection of its own.
pub(crate) async fn connect(service: &Process) -> Channel {
    let endpoint = Endpoint::from_shared(service.url("")).unwrap();
    endpoint.connect().await.unwrap()
}

/// A client on a connection of its own.
pub(crate) async fn client(service: &Process) -> EchoClient<Channel> {
    EchoClient::new(connect(service).await)
}

/// A message with these entries.
pub(crate) fn hello(metadata: &[(&'static str, &'static str)]) -> Request<String> {
    with("hello".to_owned(), metadata)
}

/// Any message with these entries.
pub(crate) fn with<T>(message: T, metadata: &[(&'static str, &'static str)]) -> Request<T> {
    let mut request = Request::new(message);
    for (name, value) in metadata {
        request.metadata_mut().insert(*name, value.parse().unwrap());
    }
    request
}

/// The only value of an entry that has to be there once.
pub(crate) fn entry<'a>(metadata: &'a MetadataMap, name: &str) -> &'a str {
    let values: Vec<_> = metadata.get_all(name).iter().collect();
    assert_eq!(values.len(), 1, "{name} in {metadata:?}");
    values[0].to_str().unwrap()
}
