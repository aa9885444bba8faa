use std::process::Command;
use std::time::Duration;

use crate::command::output;
use crate::failure::Failure;

/// What wrk saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) requests: f64,
    pub(super) per_second: f64,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
}

/// Asks for this URL from 64 connections for some seconds.
///
/// # Errors
///
/// When wrk fails, says what cannot be understood, or gets a response that is not 2xx.
pub(super) fn ask(url: &str, seconds: u64) -> Result<Seen, Failure> {
    let mut wrk = Command::new("wrk");
    wrk.args(["--threads", "1", "--connections", "64", "--latency"])
        .args(["--duration", &format!("{seconds}s")])
        .args(["--header", "X-API-Key: pk_test_1234"])
        .args(["--header", "X-Client-Version: 1.3.0"])
        .args(["--header", "Authorization: Bearer pk_test_ok"])
        .arg(url);
    let printed = output("wrk", &mut wrk)?;
    seen(&String::from_utf8_lossy(&printed)).ok_or(Failure::Measurement)
}

fn seen(printed: &str) -> Option<Seen> {
    if printed.contains("Non-2xx") {
        return None;
    }
    let mut seen = Seen {
        requests: 0.0,
        per_second: 0.0,
        p50: Duration::MAX,
        p99: Duration::MAX,
    };
    for line in printed.lines() {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["50%", time] => seen.p50 = duration(time)?,
            ["99%", time] => seen.p99 = duration(time)?,
            ["Requests/sec:", number] => seen.per_second = number.parse().ok()?,
            [requests, "requests", "in", ..] => seen.requests = requests.parse().ok()?,
            _ => {}
        }
    }
    let all = seen.requests > 0.0 && seen.per_second > 0.0 && seen.p99 < Duration::MAX;
    all.then_some(seen)
}

/// As in `935.00us`, `2.44ms` and `1.02s`.
fn duration(text: &str) -> Option<Duration> {
    let unit = text.find(|one: char| one.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    Duration::try_from_secs_f64(number * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "\
Running 2s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.44ms  302.82us   7.83ms   93.38%
  Latency Distribution
     50%  935.00us
     75%    2.49ms
     90%    2.64ms
     99%    3.54ms
  52349 requests in 2.00s, 15.48MB read
Requests/sec:  26141.46
Transfer/sec:      7.73MB
";

    #[test]
    fn reads_what_wrk_prints() {
        let seen = seen(PRINTED).unwrap();

        assert_eq!(
            (seen.requests, seen.per_second, seen.p50, seen.p99),
            (
                52349.0,
                26141.46,
                Duration::from_micros(935),
                Duration::from_micros(3540)
            )
        );
    }

    #[test]
    fn a_load_of_errors_is_no_measurement() {
        assert_eq!(
            seen(&format!("{PRINTED}  Non-2xx or 3xx responses: 3")),
            None
        );
        assert_eq!(seen("unable to connect"), None);
    }
}
