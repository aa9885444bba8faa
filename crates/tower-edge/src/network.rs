use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// A network of addresses, or one address.
///
/// ```
/// use std::net::IpAddr;
///
/// use tower_edge::Network;
///
/// let private: Network = "10.0.0.0/8".parse()?;
/// let nginx: Network = "10.0.0.1".parse()?;
///
/// assert_eq!(nginx, Network::from(IpAddr::from([10, 0, 0, 1])));
/// assert_eq!([private, nginx].map(|network| network.to_string()), ["10.0.0.0/8", "10.0.0.1/32"]);
/// # Ok::<(), tower_edge::NetworkError>(())
/// ```
#[doc(alias("cidr", "ipnet"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(pub(crate) IpNet);

impl Network {
    /// The first address of the network.
    #[must_use]
    pub fn addr(self) -> IpAddr {
        self.0.addr()
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        let network = text.parse().or_else(|_| address());
        network.map(Self::from).map_err(|_| NetworkError {
            text: text.to_owned(),
        })
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(address.into())
    }
}

impl From<IpNet> for Network {
    fn from(network: IpNet) -> Self {
        Self(network.trunc())
    }
}

impl From<Network> for IpNet {
    fn from(Network(network): Network) -> Self {
        network
    }
}

/// The address and the length of the prefix: `10.0.0.0/8`.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is neither a network nor an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkError {
    text: String,
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "invalid network {:?}: expected an address such as 10.0.0.1, or a network such as 10.0.0.0/8",
            self.text
        )
    }
}

impl Error for NetworkError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_may_be_one_address() {
        for (text, expected) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("192.0.2.1", "192.0.2.1/32"),
            ("::1", "::1/128"),
        ] {
            let network: Network = text.parse().unwrap();

            assert_eq!(network.to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_network_is_named_with_what_is() {
        for bad in ["", "10.0.0.0/33", "10.0.0", "proxy.example", "*"] {
            let error = bad.parse::<Network>().unwrap_err();

            let expected = "expected an address such as 10.0.0.1, or a network such as 10.0.0.0/8";
            assert_eq!(
                error.to_string(),
                format!("invalid network {bad:?}: {expected}")
            );
        }
    }
}
