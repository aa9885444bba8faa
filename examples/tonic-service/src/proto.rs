//! The code that the build script generates from `proto/edge.proto`.

#![expect(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    unreachable_pub,
    reason = "no person writes this code"
)]

tonic::include_proto!("edge");
