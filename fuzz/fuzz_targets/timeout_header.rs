//! A time that is handed on is never longer than the one that came, and hardly shorter.
#![no_main]

use std::time::Duration;

use http::{HeaderMap, HeaderName};
use libfuzzer_sys::fuzz_target;
use tower_edge::deadline::TimeoutHeader;
use tower_edge_fuzz::{head, lines};

fuzz_target!(|data: &[u8]| {
    let [grpc, millis] = lines(data);
    let fields = [(TimeoutHeader::GrpcTimeout, grpc), (MILLIS, millis)];
    for (field, value) in fields {
        let name: HeaderName = field.name().clone();
        let received = head([(name, value)]).into_parts().0.headers;
        let Some(time) = field.read(&received) else {
            continue;
        };
        let handed_on = |time| -> Option<Duration> {
            let mut sent = HeaderMap::new();
            field.write(time, &mut sent);
            field.read(&sent)
        };

        let left = handed_on(time).unwrap();
        assert!(left <= time, "{left:?} of {time:?}");
        assert!(time - left <= time / 1_000_000, "{left:?} of {time:?}");
        assert_eq!(handed_on(left), Some(left));
    }
});

const MILLIS: TimeoutHeader = TimeoutHeader::REQUEST_TIMEOUT_MS;
