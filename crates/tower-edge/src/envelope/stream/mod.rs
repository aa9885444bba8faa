//! Ends streams with an error that their clients read.

mod event_stream;
mod grpc_web;

pub(super) use self::event_stream::{Events, is_event_stream};
pub(super) use self::grpc_web::Messages;
