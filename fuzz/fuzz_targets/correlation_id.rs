//! An id is harmless, or none.
#![no_main]

use http::HeaderValue;
use libfuzzer_sys::fuzz_target;
use tower_edge::correlation_id::CorrelationId;

fuzz_target!(|data: &[u8]| {
    let Ok(value) = HeaderValue::from_bytes(data) else {
        return;
    };
    let parsed = CorrelationId::parse(&value);
    let owned = CorrelationId::new(data.to_vec());

    assert_eq!(parsed.as_ref(), owned.as_ref().ok());
    if let Some(id) = parsed {
        assert_eq!(id.as_str().as_bytes(), data);
        assert!((1..=CorrelationId::MAX_LENGTH).contains(&data.len()));
        assert!(!data.iter().any(|byte| b" \t\"\\,<>".contains(byte)));
    }
});
