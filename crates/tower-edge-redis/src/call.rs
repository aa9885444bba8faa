use std::time::Duration;

use redis::Cmd;
use tower_edge_core::rate_limit::{Algorithm, Calendar, Operation, QuotaRequest, SlidingWindow};

use crate::account::{interval, micros};
use crate::key::Prefix;
use crate::request::Batch;

/// One call of a script.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) batch: &'a Batch,
    /// The time that the server is likely to see, since the Unix epoch.
    pub(crate) likely: Duration,
    /// The time that the script takes for the server's.
    pub(crate) now: Option<Duration>,
    pub(crate) prefix: &'a Prefix,
}

impl Call<'_> {
    /// Whether all of it is to charge accounts of the generic cell rate algorithm, each of them once, with nothing
    /// on lease.
    pub(crate) fn is_gcra_alone(&self) -> bool {
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
        let names = requests
            .iter()
            .map(|request| self.prefix.name(request.key, &request.quota));
        let mut names: Vec<String> = names.collect();
        if matches!(operation, Operation::Refund | Operation::Reset) {
            names.extend_from_within(..);
            for reset in &mut names[requests.len()..] {
                reset.push('r');
            }
        }
        let mut command = redis::cmd(name);
        command.arg(script).arg(names.len()).arg(names);
        let is_gcra_alone = self.is_gcra_alone();
        if !is_gcra_alone {
            command.arg(operation_name(*operation));
        }
        command.arg(self.now.map_or_else(String::new, digits));
        for (place, request) in requests.iter().enumerate() {
            if is_gcra_alone {
                let Gcra { price, limit, .. } = Gcra::new(request);
                let enforced = u8::from(request.enforced);
                command.arg(enforced).arg(price).arg(limit);
            } else {
                self.describe(request, self.batch.extra(place), &mut command);
            }
        }
        command
    }

    fn describe(&self, request: &QuotaRequest, extra: u32, command: &mut Cmd) {
        let (quota, cost) = (&request.quota, request.cost.get());
        let limit = quota.limit().get();
        let head = |command: &mut Cmd, kind: &str| {
            let charged_at = request.receipt.map(|receipt| digits(receipt.charged_at()));
            let enforced = u8::from(request.enforced);
            command.arg(kind).arg(enforced).arg(extra);
            command.arg(charged_at.unwrap_or_default());
        };
        match quota.algorithm() {
            Algorithm::Calendar(calendar) => {
                head(command, "c");
                let bounds = bounds(&calendar, self.likely);
                command.arg(cost).arg(limit).arg(&bounds[..]);
            }
            Algorithm::SlidingWindow => {
                head(command, "w");
                let step = micros(SlidingWindow::sub_window(quota));
                command.arg(cost).arg(limit).arg(step);
            }
            _ => {
                head(command, "g");
                let Gcra {
                    interval,
                    limit,
                    price,
                } = Gcra::new(request);
                let full_at = request.receipt.map(|receipt| digits(receipt.full_at()));
                command.arg(price).arg(limit).arg(interval);
                command.arg(full_at.unwrap_or_default());
            }
        }
    }
}

const fn operation_name(operation: Operation) -> &'static str {
    match operation {
        Operation::TryAcquire => "try_acquire",
        Operation::Acquire => "acquire",
        Operation::Peek => "peek",
        Operation::Refund => "refund",
        Operation::Reset => "reset",
    }
}

fn digits(time: Duration) -> String {
    micros(time).to_string()
}

/// What a request comes to in microseconds.
struct Gcra {
    interval: u64,
    limit: u64,
    price: u64,
}

impl Gcra {
    fn new(request: &QuotaRequest) -> Self {
        let interval = interval(&request.quota);
        let limit = interval.saturating_mul(request.quota.limit().get().into());
        // More than an account can be overdrawn by says no more than this does.
        let most = limit.saturating_mul(2).saturating_add(1);
        let price = interval.saturating_mul(request.cost.get().into()).min(most);
        Self {
            interval,
            limit,
            price,
        }
    }
}

/// When four periods begin and the last of them ends: the one before this time, that of this time, and two more.
fn bounds(calendar: &Calendar, likely: Duration) -> [u64; 5] {
    let this = calendar.period(likely);
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
    use tower_edge_core::rate_limit::{KeyHash, Quota, QuotaRequest};

    use super::*;

    const NOW: Duration = Duration::from_secs(1_700_000_000);
    const SECOND: Duration = Duration::from_secs(1);

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    fn request(quota: &Quota) -> QuotaRequest {
        QuotaRequest::new(quota, KeyHash::from_bits(1))
    }

    fn words(call: &Call<'_>) -> Vec<String> {
        let command = call.command("EVALSHA", "hash");
        let words = command.args_iter().map(|word| match word {
            Arg::Simple(word) => String::from_utf8(word.to_vec()).unwrap(),
            other => panic!("{other:?}"),
        });
        words.collect()
    }

    /// What the script is told of a request, after how many keys there are, the keys, the deed and two
    /// times.
    fn described(request: &QuotaRequest, has_leases: bool) -> String {
        let asked = Asked {
            extra: 7,
            ..Asked::of(request)
        };
        let prefix = Prefix::default();
        let words = words(&Call {
            asked: &[asked],
            deed: Deed::Check,
            has_leases,
            likely: NOW,
            now: None,
            prefix: &prefix,
        });
        words[7..].join(" ")
    }

    #[test]
    fn the_deed_its_times_and_the_keys_come_first() {
        let quota = Quota::new("p", units(5), SECOND).unwrap();
        let asked = [Asked::of(&request(&quota)), Asked::of(&request(&quota))];
        let prefix = Prefix::new("edge").unwrap();
        let call = |deed, now| {
            let call = Call {
                asked: &asked,
                deed,
                has_leases: false,
                likely: NOW,
                now,
                prefix: &prefix,
            };
            words(&call)[..8].join(" ")
        };

        let key = "edge:{00000000000000000000000000000001}:af63ed4c8602096fg";
        let checked = format!("EVALSHA hash 2 {key} {key} check  0");
        assert_eq!(call(Deed::Check, None), checked);
        let refunded = format!("EVALSHA hash 2 {key} {key} refund 9000000 1700000000000000");
        let refund = Deed::Refund { charged_at: NOW };
        assert_eq!(call(refund, Some(9 * SECOND)), refunded);
    }

    #[test]
    fn a_check_of_gcra_is_told_in_few_words() {
        let first = Quota::new("first", units(5), SECOND).unwrap();
        let second = Quota::new("second", units(2), SECOND).unwrap();
        let window = Quota::new(5, SECOND)
            .unwrap()
            .named("window")
            .sliding_window();
        let prefix = Prefix::new("edge").unwrap();
        let call = |quotas: &[&Quota], deed, extra| {
            let asked = quotas.iter().map(|quota| Asked {
                extra,
                ..Asked::of(&request(quota).with_enforced(*quota == &first))
            });
            let asked: Vec<_> = asked.collect();
            let call = Call {
                asked: &asked,
                deed,
                has_leases: false,
                likely: NOW,
                now: None,
                prefix: &prefix,
            };
            let told = words(&call)[3 + quotas.len()..].join(" ");
            call.is_check_of_gcra().then_some(told)
        };

        let told = call(&[&first, &second], Deed::Check, 0);
        assert_eq!(told.unwrap(), " 1 200000 1000000 0 500000 1000000");
        for (quotas, deed, extra) in [
            (&[&first, &first], Deed::Check, 0),
            (&[&first, &window], Deed::Check, 0),
            (&[&first, &second], Deed::Charge, 0),
            (&[&first, &second], Deed::Check, 1),
        ] {
            assert_eq!(call(quotas, deed, extra), None, "{quotas:?} {deed:?}");
        }
    }

    #[test]
    fn a_price_is_a_number_of_intervals_and_no_more_than_says_anything() {
        let quota = Quota::new("p", units(5), SECOND).unwrap();
        let three = request(&quota).with_cost(units(3));
        assert_eq!(described(&three, false), "g 1 7 0 600000 1000000 200000 ");

        let all = request(&quota)
            .with_cost(units(u32::MAX))
            .with_owed_until(NOW);
        let all = described(&all.with_enforced(false), true);
        assert_eq!(all, "g 0 7 100000 2000001 1000000 200000 1700000000000000");
    }

    #[test]
    fn a_window_is_kept_in_steps_of_a_65535th() {
        let quota = Quota::new(5, 60 * SECOND)
            .unwrap()
            .named("p")
            .sliding_window();

        assert_eq!(
            described(&request(&quota), true),
            "w 1 7 1000000 1 5 60000000 916"
        );
    }

    #[test]
    fn a_calendar_comes_with_the_periods_around_the_time_that_is_likely() {
        let quota = Quota::calendar("p", units(5), Calendar::DAY).unwrap();
        let told = described(&request(&quota), false);

        // 2023-11-14 22:13:20 is in the day of this number.
        let (day, number) = (86_400_000_000_u64, 19_675);
        let bounds = [number - 1, number, number + 1, number + 2, number + 3].map(|at| at * day);
        let bounds = bounds.map(|bound| bound.to_string()).join(" ");
        assert_eq!(told, format!("c 1 7 0 1 5 {} {bounds}", number - 1));
    }

    #[test]
    fn before_the_first_period_there_is_none() {
        let (number, bounds) = bounds(&Calendar::DAY, Duration::ZERO);

        assert_eq!((number, bounds[0], bounds[4]), (0, 0, 4 * 86_400_000_000));
    }
}
