//! The command line.

use std::net::SocketAddr;

use clap::Parser;
use command_line::{address, http_url};
use tonic::transport::Endpoint;

/// A gRPC service with the five layers of tower-edge.
#[derive(Debug, Parser)]
pub(crate) struct Flags {
    /// Where to listen; port 0 is any that is free
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:50051", value_parser = address)]
    pub(crate) listen: SocketAddr,

    /// Where edge.Upstream is; by default inside of this process
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    pub(crate) upstream: Option<Endpoint>,
}

fn endpoint(text: &str) -> Result<Endpoint, &'static str> {
    http_url(text).map(Endpoint::from)
}
