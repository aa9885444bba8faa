use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many requests of each kind were made, and what was wrong.
#[derive(Debug, Default)]
pub(crate) struct Report(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    counts: BTreeMap<String, [u64; 2]>,
    faults: BTreeMap<String, Fault>,
}

#[derive(Debug)]
struct Fault {
    count: u64,
    /// How often in which kind of request.
    cases: BTreeMap<String, u64>,
    /// The first that was seen.
    example: String,
}

/// How a request was carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

impl Report {
    /// Counts a request.
    pub(crate) fn count(&self, name: String, protocol: Protocol) {
        let mut inner = self.lock();
        let [http_1, http_2] = inner.counts.entry(name).or_default();
        match protocol {
            Protocol::Http1 => *http_1 += 1,
            Protocol::Http2 => *http_2 += 1,
        }
    }

    /// Keeps what is wrong with a gateway as a whole: those of one kind are counted, and the first is shown.
    pub(crate) fn fault(&self, kind: impl Into<String>, example: impl AsRef<str>) {
        self.keep(kind.into(), None, example.as_ref());
    }

    /// The same of one request, or of what came back.
    pub(crate) fn fault_in(&self, case: &str, protocol: Protocol, kind: &str, example: &str) {
        self.keep(format!("{protocol}: {kind}"), Some(case), example);
    }

    fn keep(&self, kind: String, case: Option<&str>, example: &str) {
        let mut inner = self.lock();
        let fault = inner.faults.entry(kind).or_insert_with(|| Fault {
            count: 0,
            cases: BTreeMap::new(),
            example: example.chars().take(MAX_EXAMPLE).collect(),
        });
        fault.count += 1;
        if let Some(case) = case {
            *fault.cases.entry(case.to_owned()).or_default() += 1;
        }
    }

    /// How many requests were counted.
    pub(crate) fn requests(&self) -> u64 {
        self.lock().counts.values().flatten().sum()
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.lock().faults.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http1 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { counts, faults } = &*self.lock();
        writeln!(f, "{:<34} {:>9} {:>9}", "requests", "HTTP/1.1", "HTTP/2")?;
        for (name, [http_1, http_2]) in counts {
            writeln!(f, "{name:<34} {http_1:>9} {http_2:>9}")?;
        }
        for (kind, fault) in faults.iter().take(MAX_KINDS) {
            writeln!(
                f,
                "FAULT, {} times: {kind}\n    {}",
                fault.count, fault.example
            )?;
            let mut cases: Vec<_> = fault.cases.iter().collect();
            cases.sort_unstable_by_key(|(_, count)| std::cmp::Reverse(**count));
            for (case, count) in cases.into_iter().take(MAX_CASES) {
                writeln!(f, "    {count} in: {case}")?;
            }
        }
        match faults.len().saturating_sub(MAX_KINDS) {
            0 => Ok(()),
            more => writeln!(f, "and faults of {more} more kinds"),
        }
    }
}

const MAX_KINDS: usize = 20;
const MAX_CASES: usize = 5;
const MAX_EXAMPLE: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_a_kind_are_counted_and_the_first_is_shown() {
        let report = Report::default();
        assert!(report.is_clean());

        report.fault("lost", "the first");
        report.fault("lost", "the second");

        let text = report.to_string();
        assert!(!report.is_clean());
        assert!(
            text.contains("FAULT, 2 times: lost\n    the first\n"),
            "{text}"
        );
        assert!(!text.contains("the second"), "{text}");
    }

    #[test]
    fn a_fault_names_the_requests_that_have_it_most() {
        let report = Report::default();
        for number in 0..10 {
            let case = format!("case {}", number % 4);
            report.fault_in(&case, Protocol::Http2, "lost", "");
        }

        let text = report.to_string();

        assert!(text.contains("FAULT, 10 times: HTTP/2: lost\n"), "{text}");
        assert!(
            text.contains("    3 in: case 0\n    3 in: case 1\n    2 in: case 2\n"),
            "{text}"
        );
    }

    #[test]
    fn a_report_is_short_whatever_happens() {
        let report = Report::default();
        for kind in 0..1000 {
            report.fault(kind.to_string(), "a".repeat(10_000));
        }

        let text = report.to_string();

        assert!(text.len() < 10_000, "{}", text.len());
        assert!(text.ends_with("and faults of 980 more kinds\n"), "{text}");
    }

    #[test]
    fn counts_by_protocol() {
        let report = Report::default();

        report.count("a".to_owned(), Protocol::Http1);
        report.count("a".to_owned(), Protocol::Http2);
        report.count("b".to_owned(), Protocol::Http2);

        assert_eq!(report.requests(), 3);
    }
}
