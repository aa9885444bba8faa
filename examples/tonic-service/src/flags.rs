//! The command line.

use std::net::SocketAddr;

use clap::Parser;
use command_line::{address, http_url};
use tonic::transport::Endpoint;

/// A gRPC service with the five layers of tower-edge.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Flags {
    /// Where to listen; port 0 is any that is free
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:50051", value_parser = address)]
    pub(crate) listen: SocketAddr,

    /// Where edge.Upstream is; by default inside of this process
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    pub(crate) upstream: Option<Endpoint>,
}

fn endpoint(text: &str) -> Result<Endpoint, &'static str> {
    let url = http_url(text).ok().filter(|url| url.path() == "/");
    let endpoint = url.map(Endpoint::from);
    endpoint
        .ok_or("expected an http URL without credentials and path, such as http://127.0.0.1:50052")
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;

    use super::*;

    #[test]
    fn an_upstream_has_no_path() {
        for good in ["http://up", "http://up/", "http://[::1]:50052"] {
            assert!(endpoint(good).is_ok(), "{good:?}");
        }
        for bad in [
            "http://up/base",
            "http://up//",
            "http://me@up",
            "https://up",
            "",
        ] {
            assert!(endpoint(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_version_may_be_printed() {
        let version = Flags::try_parse_from(["tonic-service", "--version"]).unwrap_err();

        assert_eq!(version.kind(), ErrorKind::DisplayVersion);
    }
}
