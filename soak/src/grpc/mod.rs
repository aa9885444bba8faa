//! Clients of tonic-service, by the bytes of [gRPC](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).

mod call;
mod clients;

pub(crate) use self::call::{Call, LIMITED, Status, framed};
pub(crate) use self::clients::calls;
