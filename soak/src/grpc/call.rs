use bytes::Bytes;

use crate::message::Request;

/// A kind of call, and what has to come back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(super) method: &'static str,
    pub(super) fields: &'static [(&'static str, &'static str)],
    pub(super) sent: Sent,
    pub(crate) status: Status,
    /// The messages of the response.
    pub(crate) messages: &'static [&'static str],
}

/// What is sent of messages.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sent {
    Messages(&'static [&'static str]),
    /// No message, as it begins with these bytes.
    Bytes(&'static [u8]),
}

/// A [code](https://github.com/grpc/grpc/blob/master/doc/statuscodes.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Ok = 0,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
}

impl Call {
    /// The request, with this key and this id.
    pub(super) fn request(&self, key: String, id: Option<&String>) -> Request {
        let mut fields = vec![
            ("content-type", "application/grpc".to_owned()),
            ("te", "trailers".to_owned()),
            ("x-api-key", key),
        ];
        let own = self.fields.iter();
        fields.extend(own.map(|(name, value)| (*name, (*value).to_owned())));
        fields.extend(id.map(|id| ("x-correlation-id", id.clone())));
        let body = match self.sent {
            Sent::Messages(messages) => messages.iter().flat_map(|text| framed(text)).collect(),
            Sent::Bytes(bytes) => Bytes::from_static(bytes),
        };
        Request {
            method: "POST",
            path: format!("/edge.Echo/{}", self.method),
            fields,
            body,
            // The length of gRPC's requests is not announced.
            chunked: true,
        }
    }
}

/// A `google.protobuf.StringValue`, with the prefix of a message.
pub(crate) fn framed(text: &str) -> Vec<u8> {
    let message = match u8::try_from(text.len()) {
        Ok(0) => Vec::new(),
        // Field 1 with a length, of one byte below 128.
        Ok(length @ 1..128) => [&[0x0a, length], text.as_bytes()].concat(),
        _ => return Vec::new(),
    };
    let length = u8::try_from(message.len()).unwrap_or_default();
    [&[0, 0, 0, 0, length], &*message].concat()
}

/// What is called again and again.
pub(super) const CALLS: &[Call] = &[
    SAY,
    Call {
        name: "gRPC Split",
        method: "Split",
        sent: Sent::Messages(&["one two three"]),
        messages: &["one", "two", "three"],
        ..SAY
    },
    Call {
        name: "gRPC Chat",
        method: "Chat",
        sent: Sent::Messages(&["one", "two"]),
        messages: &["one", "two"],
        ..SAY
    },
    Call {
        name: "gRPC Relay",
        method: "Relay",
        ..SAY
    },
    Call {
        name: "gRPC outdated",
        fields: &[("x-client-version", "1.1.9")],
        status: Status::FailedPrecondition,
        messages: &[],
        ..SAY
    },
    Call {
        name: "gRPC no version",
        fields: &[("x-client-version", "none")],
        status: Status::InvalidArgument,
        messages: &[],
        ..SAY
    },
    Call {
        name: "gRPC unknown method",
        method: "Shout",
        status: Status::Unimplemented,
        messages: &[],
        ..SAY
    },
    Call {
        name: "gRPC deadline",
        method: "Slow",
        fields: &[("grpc-timeout", "50m")],
        status: Status::DeadlineExceeded,
        messages: &[],
        ..SAY
    },
    Call {
        name: "gRPC upstream timeout",
        method: "Slow",
        status: Status::DeadlineExceeded,
        messages: &[],
        ..SAY
    },
    Call {
        name: "gRPC oversized",
        // A message of 5 MiB, which is refused by its prefix.
        sent: Sent::Bytes(&[0, 0, 0x50, 0, 0, 0x0a]),
        status: Status::OutOfRange,
        messages: &[],
        ..SAY
    },
    Call {
        name: "gRPC compressed without a word",
        sent: Sent::Bytes(&[1, 0, 0, 0, 1, 0]),
        status: Status::Internal,
        messages: &[],
        ..SAY
    },
    Call {
        name: "gRPC no protobuf",
        sent: Sent::Bytes(&[0, 0, 0, 0, 3, 0xff, 0xff, 0xff]),
        status: Status::Internal,
        messages: &[],
        ..SAY
    },
];

/// The one call that a key may make in ten seconds, and any other.
pub(crate) const LIMITED: [Call; 2] = [
    Call {
        name: "gRPC Limited",
        method: "Limited",
        ..SAY
    },
    Call {
        name: "gRPC over the limit",
        method: "Limited",
        status: Status::ResourceExhausted,
        messages: &[],
        ..SAY
    },
];

const SAY: Call = Call {
    name: "gRPC Say",
    method: "Say",
    fields: &[],
    sent: Sent::Messages(&["hello"]),
    status: Status::Ok,
    messages: &["hello"],
};
