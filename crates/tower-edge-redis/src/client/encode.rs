use std::time::Duration;

use redis::{Cmd, RedisWrite, ToRedisArgs, ToSingleRedisArg};
use tower_edge_core::rate_limit::{Algorithm, Calendar, Operation, QuotaRequest, SlidingWindow};

use super::{Batch, Prefix};
use crate::account::{interval, micros};

/// One call of a script.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) batch: &'a Batch,
    /// The time that the script uses in place of the server's.
    pub(crate) now: Option<Duration>,
    pub(crate) prefix: &'a Prefix,
    /// The likely time of the server since the Unix epoch.
    pub(crate) unix_time: Duration,
}

impl Call<'_> {
    /// Whether the call only charges GCRA accounts, each of them once, and leases nothing.
    pub(crate) fn is_plain_gcra(&self) -> bool {
        let Batch {
            operation,
            requests,
            ..
        } = self.batch;
        let is_gcra_once = |(place, request): (usize, &QuotaRequest)| {
            let id = request.quota.id();
            let is_same = |other: &QuotaRequest| (other.key, other.quota.id()) == (request.key, id);
            request.quota.algorithm() == Algorithm::Gcra
                && self.batch.extra(place) == 0
                && !requests[..place].iter().any(is_same)
        };
        *operation == Operation::TryAcquire && requests.iter().enumerate().all(is_gcra_once)
    }

    /// The command with this name that runs this script, or the script of this hash.
    pub(crate) fn command(&self, name: &str, script: &str) -> Cmd {
        let Batch {
            operation,
            requests,
            ..
        } = self.batch;
        let has_resets = matches!(operation, Operation::Refund | Operation::Reset);
        let keys = requests.len() * if has_resets { 2 } else { 1 };
        let (arguments, bytes) = (2 + 10 * requests.len(), script.len() + 100 * keys);
        let mut command = Cmd::with_capacity(3 + keys + arguments, bytes);
        command.arg(name).arg(script).arg(keys);
        for request in requests {
            command.arg(self.prefix.name(request.key, &request.quota));
        }
        for request in &requests[..keys - requests.len()] {
            command.arg(self.prefix.name_of_reset(request.key, &request.quota));
        }
        if self.is_plain_gcra() {
            for request in requests {
                let Gcra { price, limit, .. } = Gcra::new(request);
                let price = i64::try_from(price).unwrap_or(i64::MAX);
                let price = if request.enforced { price } else { -price };
                command.arg(price).arg(limit);
            }
            if let Some(now) = self.now {
                command.arg(micros(now));
            }
            return command;
        }
        command.arg(operation_name(*operation));
        command.arg(Digits(self.now));
        for (place, request) in requests.iter().enumerate() {
            self.describe(request, self.batch.extra(place), &mut command);
        }
        command
    }

    fn describe(&self, request: &QuotaRequest, extra: u32, command: &mut Cmd) {
        let (quota, cost) = (&request.quota, request.cost.get());
        let limit = quota.limit().get();
        let head = |command: &mut Cmd, kind: &str| {
            let charged_at = request.receipt.map(|receipt| receipt.charged_at());
            let enforced = u8::from(request.enforced);
            command.arg(kind).arg(enforced).arg(extra);
            command.arg(Digits(charged_at));
        };
        match quota.algorithm() {
            Algorithm::Calendar(calendar) => {
                head(command, "calendar");
                let bounds = bounds(&calendar, self.unix_time);
                command.arg(cost).arg(limit).arg(&bounds[..]);
            }
            Algorithm::SlidingWindow => {
                head(command, "window");
                let step = micros(SlidingWindow::sub_window(quota));
                command.arg(cost).arg(limit).arg(step);
            }
            _ => {
                head(command, "gcra");
                let Gcra {
                    interval,
                    limit,
                    price,
                } = Gcra::new(request);
                let full_at = request.receipt.map(|receipt| receipt.full_at());
                command.arg(price).arg(limit).arg(interval);
                command.arg(Digits(full_at));
            }
        }
    }
}

/// A time in microseconds, or an empty argument.
struct Digits(Option<Duration>);

impl ToRedisArgs for Digits {
    fn write_redis_args<W: RedisWrite + ?Sized>(&self, out: &mut W) {
        match self.0 {
            Some(time) => micros(time).write_redis_args(out),
            None => out.write_arg(b""),
        }
    }
}

impl ToSingleRedisArg for Digits {}

const fn operation_name(operation: Operation) -> &'static str {
    match operation {
        Operation::TryAcquire => "try_acquire",
        Operation::Acquire => "acquire",
        Operation::Peek => "peek",
        Operation::Refund => "refund",
        Operation::Reset => "reset",
    }
}

/// A request in microseconds.
struct Gcra {
    interval: u64,
    limit: u64,
    price: u64,
}

impl Gcra {
    fn new(request: &QuotaRequest) -> Self {
        let interval = interval(&request.quota);
        let limit = interval.saturating_mul(request.quota.limit().get().into());
        // An account cannot be overdrawn by more than this, so a larger cost makes no difference.
        let most = limit.saturating_mul(2).saturating_add(1);
        let price = interval.saturating_mul(request.cost.get().into()).min(most);
        Self {
            interval,
            limit,
            price,
        }
    }
}

/// The starts of four periods and the end of the last one: the period before this time, that of this time, and two
/// more.
fn bounds(calendar: &Calendar, unix_time: Duration) -> [u64; 5] {
    let this = calendar.period(unix_time);
    let before = this.begin.saturating_sub(Duration::from_micros(1));
    let mut period = calendar.period(before);
    let mut bounds = [micros(period.begin); 5];
    for bound in &mut bounds[1..] {
        *bound = micros(period.end);
        period = calendar.period(period.end);
    }
    bounds
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use redis::Arg;
    use tower_edge_core::rate_limit::{Decision, KeyHash, Quota, QuotaState, Receipt};

    use super::*;

    const FIVE: Quota = Quota::per_second(5).named("p");
    const NOW: Duration = Duration::from_secs(1_700_000_000);
    const SECOND: Duration = Duration::from_secs(1);

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    fn request(quota: Quota) -> QuotaRequest {
        QuotaRequest::new(quota, KeyHash::from_bits(1))
    }

    /// For what was charged now, and is back after a second.
    fn receipt() -> Receipt {
        let state = QuotaState::allowed(units(5), 0, SECOND, None);
        Decision::one(NOW, &request(FIVE), state)
            .receipt(0)
            .unwrap()
    }

    fn words(call: &Call<'_>) -> Vec<String> {
        let command = call.command("EVALSHA", "hash");
        let words = command.args_iter().map(|word| match word {
            Arg::Simple(word) => String::from_utf8(word.to_vec()).unwrap(),
            other => panic!("{other:?}"),
        });
        words.collect()
    }

    fn words_of(batch: &Batch, now: Option<Duration>) -> Vec<String> {
        let prefix = Prefix::new("edge").unwrap();
        words(&Call {
            batch,
            now,
            prefix: &prefix,
            unix_time: NOW,
        })
    }

    /// What the script is handed of a request, after how many keys there are, the key, the operation and the time.
    fn described(request: &QuotaRequest) -> String {
        let batch = Batch {
            extras: vec![7],
            ..Batch::new(Operation::TryAcquire, vec![request.clone()])
        };
        words_of(&batch, None)[6..].join(" ")
    }

    #[test]
    fn the_operation_its_times_and_the_keys_come_first() {
        let call = |operation, now| {
            let batch = Batch::new(operation, vec![request(FIVE), request(FIVE)]);
            words_of(&batch, now)
        };

        let key = "edge:{00000000000000000000000000000001}:af63ed4c8602096fg";
        let charged = format!("EVALSHA hash 2 {key} {key} try_acquire ");
        assert_eq!(call(Operation::TryAcquire, None)[..7].join(" "), charged);
        for (operation, name) in [(Operation::Refund, "refund"), (Operation::Reset, "reset")] {
            let words = call(operation, Some(9 * SECOND))[..9].join(" ");

            let keys = format!("{key} {key} {key}r {key}r");
            assert_eq!(words, format!("EVALSHA hash 4 {keys} {name} 9000000"));
        }
    }

    #[test]
    fn a_charge_of_gcra_takes_few_arguments() {
        let (first, second) = (FIVE.named("first"), Quota::per_second(2).named("second"));
        let window = FIVE.sliding_window();
        let call = |quotas: &[Quota], operation, extra| {
            let requests = quotas.iter().map(|quota| {
                let enforced = *quota == first;
                request(*quota).with_enforced(enforced)
            });
            let batch = Batch {
                extras: vec![extra; quotas.len()],
                ..Batch::new(operation, requests.collect())
            };
            let words = words_of(&batch, None);
            let is_short = words.len() == 3 + 3 * quotas.len();
            is_short.then(|| words[3 + quotas.len()..].join(" "))
        };

        let check = Operation::TryAcquire;
        let words = call(&[first, second.with_burst(6)], check, 0);
        assert_eq!(words.unwrap(), "200000 1000000 -500000 3000000");
        for (quotas, operation, extra) in [
            ([first, first], check, 0),
            ([first, window], check, 0),
            ([first, second], Operation::Acquire, 0),
            ([first, second], check, 1),
        ] {
            assert_eq!(call(&quotas, operation, extra), None, "{quotas:?}");
        }
    }

    #[test]
    fn a_price_is_a_number_of_intervals_up_to_a_bound() {
        let three = request(FIVE).with_cost(units(3));
        assert_eq!(described(&three), "gcra 1 7  600000 1000000 200000 ");

        let all = request(FIVE)
            .with_cost(units(u32::MAX))
            .with_receipt(receipt());
        let all = described(&all.with_enforced(false));
        let (charged_at, full_at) = (1_700_000_000_000_000_u64, 1_700_000_001_000_000_u64);
        let words = format!("gcra 0 7 {charged_at} 2000001 1000000 200000 {full_at}");
        assert_eq!(all, words);
    }

    #[test]
    fn a_burst_is_the_limit_and_not_the_price() {
        let burst = request(FIVE.with_burst(20));

        assert_eq!(described(&burst), "gcra 1 7  200000 4000000 200000 ");
    }

    #[test]
    fn a_window_is_kept_in_sub_windows_of_an_eleventh() {
        let window = Quota::per_minute(5).sliding_window();

        assert_eq!(described(&request(window)), "window 1 7  1 5 5454546");
    }

    #[test]
    fn a_calendar_comes_with_the_periods_around_the_likely_time() {
        let words = described(&request(FIVE.with_calendar(Calendar::DAY)));

        // 2023-11-14 22:13:20 is in the day of this number.
        let (day, number) = (86_400_000_000_u64, 19_675);
        let bounds = [number - 1, number, number + 1, number + 2, number + 3].map(|at| at * day);
        let bounds = bounds.map(|bound| bound.to_string()).join(" ");
        assert_eq!(words, format!("calendar 1 7  1 5 {bounds}"));
    }

    #[test]
    fn before_the_first_period_there_is_none() {
        let bounds = bounds(&Calendar::DAY, Duration::ZERO);

        assert_eq!((bounds[0], bounds[4]), (0, 4 * 86_400_000_000));
    }
}
