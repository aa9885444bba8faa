use super::CorrelationId;

/// The id that a client gave to its request and that was not trusted, in the request's extensions.
///
/// It is for logs, so that a client's report can be found; anybody can send the id of somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientCorrelationId(pub CorrelationId);
