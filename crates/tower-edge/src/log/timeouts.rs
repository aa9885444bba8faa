//! Tells operators of timeouts that no client is told of.

use tower_edge_core::problem::TimeoutFacts;

/// A limit that is observed only was not kept.
pub(crate) fn observed(facts: &TimeoutFacts) {
    tracing::warn!(
        phase = facts.phase.name(),
        upstream = facts.upstream,
        operation = facts.operation,
        limit_ms = facts.limit.as_secs_f64() * 1000.0,
        elapsed_ms = facts.elapsed.as_secs_f64() * 1000.0,
        "timeout observed"
    );
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::io::Write;
    use std::sync::Arc;
    use std::sync::Mutex;
    use std::time::Duration;

    use tower_edge_core::problem::Phase;

    use super::*;

    /// What is written to a log.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_timeout_that_is_only_observed_is_logged_with_its_facts() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .finish();
        let limit = Duration::from_millis(200);
        let facts = TimeoutFacts::new(Phase::ResponseHead, limit, limit);

        tracing::subscriber::with_default(subscriber, || observed(&facts.with_upstream("plex")));

        let line = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        for said in [
            "WARN",
            "timeout observed",
            "phase=\"response_head\"",
            "upstream=\"plex\"",
            "limit_ms=200",
        ] {
            assert!(line.contains(said), "{said}: {line}");
        }
    }
}
