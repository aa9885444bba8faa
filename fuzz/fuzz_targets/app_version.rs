//! A version is written as it is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tower_edge::version_gate::AppVersion;

fuzz_target!(|text: &str| {
    if let Ok(version) = text.parse::<AppVersion>() {
        let written = version.to_string();
        let again = written.parse::<AppVersion>();

        assert!(again.is_ok_and(|again| again.cmp(&version).is_eq()));
    }
});
