use tower_edge_core::rate_limit::{Operation, QuotaRequest};

/// What the server is to decide together.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) operation: Operation,
    pub(crate) requests: Vec<QuotaRequest>,
    /// For each request, how many units more are taken on lease if there is room. Empty for none.
    pub(crate) extras: Vec<u32>,
}

impl Batch {
    pub(crate) const fn new(operation: Operation, requests: Vec<QuotaRequest>) -> Self {
        Self {
            operation,
            requests,
            extras: Vec::new(),
        }
    }

    pub(crate) fn extra(&self, place: usize) -> u32 {
        self.extras.get(place).copied().unwrap_or(0)
    }

    /// The requests of some places alone.
    pub(crate) fn part(&self, places: &[usize], operation: Operation) -> Self {
        let requests = places.iter().filter_map(|place| self.requests.get(*place));
        Self {
            operation,
            requests: requests.cloned().collect(),
            extras: places.iter().map(|place| self.extra(*place)).collect(),
        }
    }

    /// Whether it gives back what the fallback has charged. What is given back together was charged by one.
    pub(crate) fn is_of_fallback(&self) -> bool {
        let receipt = self.requests.first().and_then(|request| request.receipt);
        self.operation == Operation::Refund
            && receipt.is_some_and(|receipt| receipt.issuer() == FALLBACK)
    }
}

/// The mark of what the fallback has charged; what the server has charged has none.
pub(crate) const FALLBACK: u32 = 1;
