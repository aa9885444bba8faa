use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many connections each address has open.
#[derive(Clone, Debug)]
pub(super) struct PerAddress {
    max: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl PerAddress {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            open: Arc::default(),
        }
    }

    /// A permit for one more connection of this address; `None` if the address has reached its limit.
    pub(super) fn permit(&self, address: IpAddr) -> Option<Permit> {
        let address = group(address);
        let mut all = lock(&self.open);
        let open = all.get(&address).copied().unwrap_or(0);
        if open >= self.max {
            return None;
        }
        all.insert(address, open + 1);
        Some(Permit {
            address,
            open: Arc::clone(&self.open),
        })
    }
}

/// One connection, which counts until this is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    address: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut all = lock(&self.open);
        match all.get_mut(&self.address) {
            Some(open) if *open > 1 => *open -= 1,
            _ => drop(all.remove(&self.address)),
        }
    }
}

/// The address itself, or the /64 of an IPv6 address.
fn group(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            Ipv6Addr::from_bits(network).into()
        }
    }
}

fn lock(open: &Mutex<HashMap<IpAddr, usize>>) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_connections_and_no_more() {
        let limit = PerAddress::new(2);
        let address = IpAddr::from([192, 0, 2, 1]);
        let first = limit.permit(address);
        let _second = limit.permit(address).unwrap();

        assert!(limit.permit(address).is_none());
        assert!(limit.permit(IpAddr::from([192, 0, 2, 2])).is_some());
        drop(first);
        assert!(limit.permit(address).is_some());
    }

    #[test]
    fn addresses_of_one_network_count_together() {
        let limit = PerAddress::new(1);
        let _open = limit.permit("2001:db8::1".parse().unwrap()).unwrap();

        assert!(limit.permit("2001:db8::2".parse().unwrap()).is_none());
        assert!(limit.permit("2001:db8:0:1::1".parse().unwrap()).is_some());
    }

    #[test]
    fn nothing_is_kept_of_an_address_that_has_left() {
        let limit = PerAddress::new(1);

        drop(limit.permit(IpAddr::from([192, 0, 2, 1])));

        assert!(lock(&limit.open).is_empty());
    }
}
