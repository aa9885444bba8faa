//! A client's version is what the request says, or nothing; and no version makes a gate fail.
#![no_main]

use std::convert::Infallible;

use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderName, Request, Response, Uri};
use libfuzzer_sys::fuzz_target;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_edge::Head;
use tower_edge::version_gate::extract::{
    ExtractedVersion, Header, MediaType, PathSegment, Query, UserAgent, VersionExtractor,
};
use tower_edge::version_gate::{SemVer, VersionGateLayer};
use tower_edge_fuzz::{head, lines, resolved};

fuzz_target!(|data: &[u8]| {
    let [version, platform, agent, uri, accept] = lines(data);
    let names = [VERSION, PLATFORM, USER_AGENT, ACCEPT];
    let mut request = head(names.into_iter().zip([version, platform, agent, accept]));
    if let Ok(uri) = Uri::try_from(uri) {
        *request.uri_mut() = uri;
    }

    let header = Header::new(VERSION).with_platform(PLATFORM);
    let agent = UserAgent::new("App", Some("ios")).unwrap();
    let query = Query::new("v");
    let media_type = MediaType::new("application/vnd.x", "version").unwrap();
    let path = PathSegment::at(0);
    let head = Head::from(&request);
    for found in [
        header.extract(head),
        agent.extract(head),
        query.extract(head),
        media_type.extract(head),
        path.extract(head),
    ] {
        if let ExtractedVersion::Found { version, .. } = found {
            assert!(version.len() <= data.len(), "{version}");
        }
    }

    let extractor = header.or(agent).or(query).or(media_type).or(path);
    let layer = VersionGateLayer::new("1.2.0".parse::<SemVer>().unwrap());
    let service = ServiceBuilder::new()
        .layer(layer.with_extractor(extractor))
        .service(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(()))
        }));
    let response = resolved(service.oneshot(request)).unwrap();
    assert!(matches!(response.status().as_u16(), 200 | 400 | 426));
});

const VERSION: HeaderName = HeaderName::from_static("x-client-version");
const PLATFORM: HeaderName = HeaderName::from_static("x-client-platform");
