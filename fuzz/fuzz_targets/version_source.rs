//! A client's version is what the request says, or nothing; and no version makes a gate fail.
#![no_main]

use std::convert::Infallible;

use http::header::USER_AGENT;
use http::{HeaderName, Request, Response, Uri};
use libfuzzer_sys::fuzz_target;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_edge::Head;
use tower_edge::version_gate::{
    Claim, Header, PathSegment, Query, SemVer, Source, UserAgent, VersionGateLayer,
};
use tower_edge_fuzz::{answer, head, lines};

fuzz_target!(|data: &[u8]| {
    let [version, platform, agent, uri] = lines(data);
    let names = [VERSION, PLATFORM, USER_AGENT];
    let mut request = head(names.into_iter().zip([version, platform, agent]));
    if let Ok(uri) = Uri::try_from(uri) {
        *request.uri_mut() = uri;
    }

    let header = Header::new(VERSION).with_platform(PLATFORM);
    let agent = UserAgent::new().with_product("App", Some("ios"));
    let query = Query::new("v").with_platform("p");
    for source in [&header as &dyn Finds, &agent, &query, &PathSegment::first()] {
        if let Claim::Client { version, .. } = source.claim(Head::from(&request)) {
            assert!(version.len() <= data.len(), "{version}");
        }
    }

    let layer = VersionGateLayer::new("1.2.0".parse::<SemVer>().unwrap())
        .with_source(header.or(agent).or(query).or(PathSegment::first()));
    let service = ServiceBuilder::new()
        .layer(layer)
        .service(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(()))
        }));
    let response = answer(service.oneshot(request)).unwrap();
    assert!(matches!(response.status().as_u16(), 200 | 400 | 426));
});

/// A source that can be listed with others.
trait Finds {
    fn claim<'a>(&'a self, head: Head<'a>) -> Claim<'a>;
}

impl<S: Source> Finds for S {
    fn claim<'a>(&'a self, head: Head<'a>) -> Claim<'a> {
        self.find(head)
    }
}

const VERSION: HeaderName = HeaderName::from_static("x-client-version");
const PLATFORM: HeaderName = HeaderName::from_static("x-client-platform");
