//! The kinds of requests, and what becomes of each.

use http::{Request, Version};

use crate::body::{Chunks, End, Held};
use crate::store::{BROKEN, LATER};

/// A request, and what comes of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    path: &'static str,
    fields: &'static [(&'static str, &'static str)],
    /// How its body ends, if it has one.
    body: Option<End>,
    is_http_2: bool,
    /// Whether all slots of the service are taken.
    pub(crate) is_crowded: bool,
    pub(crate) status: u16,
    pub(crate) reader: Reader,
}

/// What the client does with the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// It reads all, which has a good end.
    Whole,
    /// It reads all, which breaks off.
    Broken,
    /// It reads all, and the gRPC status is this one.
    Grpc(&'static str),
    /// It reads nothing.
    Drops,
    /// It reads one frame.
    DropsBody,
}

impl Kind {
    pub(crate) fn request(&self, held: &Held) -> Request<Chunks> {
        let mut request = Request::post(self.path);
        for (name, value) in self.fields {
            request = request.header(*name, *value);
        }
        if self.is_http_2 {
            request = request.version(Version::HTTP_2);
        }
        let body = match self.body {
            Some(end) => Chunks::new("chunk", 3, end, held),
            None => Chunks::new("", 0, End::Whole, held),
        };
        request.body(body).unwrap()
    }
}

const ALLOWED: Kind = Kind {
    name: "allowed",
    path: "/",
    fields: KEY,
    body: None,
    is_http_2: false,
    is_crowded: false,
    status: 200,
    reader: Reader::Whole,
};
const UPLOAD: Option<End> = Some(End::Whole);

pub(crate) const KINDS: &[Kind] = &[
    ALLOWED,
    Kind {
        name: "allowed, with a body",
        body: UPLOAD,
        ..ALLOWED
    },
    Kind {
        name: "allowed by a store that decides later",
        fields: &[("x-api-key", LATER)],
        ..ALLOWED
    },
    Kind {
        name: "given back by a store that decides later",
        path: "/login",
        fields: &[("x-api-key", LATER)],
        ..ALLOWED
    },
    Kind {
        name: "429",
        path: "/spent",
        status: 429,
        ..ALLOWED
    },
    Kind {
        name: "429 by a store that decides later",
        path: "/spent",
        fields: &[("x-api-key", LATER)],
        status: 429,
        ..ALLOWED
    },
    Kind {
        name: "429, unread body",
        path: "/spent",
        body: UPLOAD,
        status: 429,
        ..ALLOWED
    },
    Kind {
        name: "429 over HTTP/2, unread body",
        path: "/spent",
        body: UPLOAD,
        is_http_2: true,
        status: 429,
        ..ALLOWED
    },
    Kind {
        name: "401, no key",
        path: "/private",
        fields: &[],
        status: 401,
        ..ALLOWED
    },
    Kind {
        name: "426",
        fields: &[("x-api-key", "a"), ("x-client-version", "1.1.9")],
        status: 426,
        ..ALLOWED
    },
    Kind {
        name: "400",
        fields: &[("x-api-key", "a"), ("x-client-version", "none")],
        status: 400,
        ..ALLOWED
    },
    Kind {
        name: "408",
        body: Some(End::Stalls),
        status: 408,
        ..ALLOWED
    },
    Kind {
        name: "a body that fails",
        body: Some(End::Fails),
        status: 500,
        ..ALLOWED
    },
    Kind {
        name: "503, no store",
        fields: &[("x-api-key", BROKEN)],
        status: 503,
        ..ALLOWED
    },
    Kind {
        name: "503, no slot",
        is_crowded: true,
        status: 503,
        ..ALLOWED
    },
    Kind {
        name: "504",
        path: "/slow",
        status: 504,
        ..ALLOWED
    },
    Kind {
        name: "a problem of the handler",
        path: "/problem",
        status: 404,
        ..ALLOWED
    },
    Kind {
        name: "an error of the handler",
        path: "/error",
        status: 500,
        ..ALLOWED
    },
    Kind {
        name: "a response that fails",
        path: "/fails",
        reader: Reader::Broken,
        ..ALLOWED
    },
    Kind {
        name: "a response that stalls",
        path: "/stalls",
        reader: Reader::Broken,
        ..ALLOWED
    },
    Kind {
        name: "events",
        path: "/events",
        ..ALLOWED
    },
    Kind {
        name: "events that stall",
        path: "/stalling-events",
        ..ALLOWED
    },
    Kind {
        name: "events, dropped",
        path: "/events",
        reader: Reader::DropsBody,
        ..ALLOWED
    },
    Kind {
        name: "allowed, dropped",
        reader: Reader::Drops,
        ..ALLOWED
    },
    Kind {
        name: "429, dropped",
        path: "/spent",
        status: 429,
        reader: Reader::Drops,
        ..ALLOWED
    },
    Kind {
        name: "gRPC",
        reader: Reader::Grpc("0"),
        ..GRPC
    },
    Kind {
        name: "gRPC, RESOURCE_EXHAUSTED",
        path: "/spent",
        reader: Reader::Grpc("8"),
        ..GRPC
    },
    Kind {
        name: "gRPC, a problem of the handler",
        path: "/problem",
        reader: Reader::Grpc("5"),
        ..GRPC
    },
    Kind {
        name: "gRPC, DEADLINE_EXCEEDED",
        path: "/slow",
        fields: &[
            ("content-type", "application/grpc"),
            ("grpc-timeout", "250m"),
            ("x-api-key", "a"),
        ],
        reader: Reader::Grpc("4"),
        ..GRPC
    },
    Kind {
        name: "gRPC, dropped",
        reader: Reader::DropsBody,
        ..GRPC
    },
];

const GRPC: Kind = Kind {
    path: "/edge.Echo/Say",
    fields: &[("content-type", "application/grpc"), ("x-api-key", "a")],
    body: UPLOAD,
    is_http_2: true,
    ..ALLOWED
};
const KEY: &[(&str, &str)] = &[("x-api-key", "a")];
