use std::time::Duration;

use redis::Cmd;
use tower_edge_core::rate_limit::{Algorithm, Calendar};

use crate::account::{interval, micros};
use crate::key::Prefix;
use crate::lease;
use crate::request::{Asked, Deed};

/// One call of a script.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) asked: &'a [Asked],
    pub(crate) deed: Deed,
    /// Whether machines take units on lease.
    pub(crate) has_leases: bool,
    /// The time that the server is likely to see, since the Unix epoch.
    pub(crate) likely: Duration,
    /// The time that the script takes for the server's.
    pub(crate) now: Option<Duration>,
    pub(crate) prefix: &'a Prefix,
}

impl Call<'_> {
    /// Whether all that is asked for is a check of accounts of the generic cell rate algorithm, each of
    /// them once, with nothing on lease.
    pub(crate) fn is_check_of_gcra(&self) -> bool {
        let is_gcra = |asked: &Asked| {
            let counts_otherwise = matches!(
                asked.policy.algorithm(),
                Algorithm::Calendar(_) | Algorithm::SlidingWindow
            );
            !counts_otherwise && asked.extra == 0
        };
        let is_once = |(place, asked): (usize, &Asked)| {
            let before = &self.asked[..place];
            before.iter().all(|other| !other.is_of_same_account(asked))
        };
        self.deed == Deed::Check
            && self.asked.iter().all(is_gcra)
            && self.asked.iter().enumerate().all(is_once)
    }

    /// The command with this name that runs this script, or the script of this hash.
    pub(crate) fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(self.asked.len());
        for asked in self.asked {
            command.arg(self.prefix.name(asked.key, &asked.policy));
        }
        if self.is_check_of_gcra() {
            self.tell_gcra(&mut command);
        } else {
            self.tell(&mut command);
        }
        command
    }

    /// What `check_gcra.lua` is told.
    fn tell_gcra(&self, command: &mut Cmd) {
        self.tell_now(command);
        for asked in self.asked {
            let Gcra { price, limit, .. } = Gcra::of(asked);
            let binds = u8::from(asked.is_binding);
            command.arg(binds).arg(price).arg(limit);
        }
    }

    /// What `decide.lua` is told.
    fn tell(&self, command: &mut Cmd) {
        command.arg(self.deed.name());
        self.tell_now(command);
        command.arg(match self.deed {
            Deed::Refund { charged_at } => micros(charged_at),
            _ => 0,
        });
        for asked in self.asked {
            self.describe(asked, command);
        }
    }

    fn tell_now(&self, command: &mut Cmd) {
        match self.now {
            Some(now) => command.arg(micros(now)),
            None => command.arg(""),
        };
    }

    fn describe(&self, asked: &Asked, command: &mut Cmd) {
        let (policy, cost) = (&asked.policy, asked.cost.get());
        let limit = policy.count().get();
        let lasts = match self.has_leases {
            true => micros(lease::lasts(policy)),
            false => 0,
        };
        let head = |command: &mut Cmd, kind: &str| {
            let binds = u8::from(asked.is_binding);
            command.arg(kind).arg(binds).arg(asked.extra).arg(lasts);
        };
        match policy.algorithm() {
            Algorithm::Calendar(calendar) => {
                head(command, "c");
                let (number, bounds) = bounds(&calendar, self.likely);
                command.arg(cost).arg(limit).arg(number).arg(&bounds[..]);
            }
            Algorithm::SlidingWindow => {
                head(command, "w");
                let period = micros(policy.period());
                let step = period.div_ceil(u16::MAX.into());
                command.arg(cost).arg(limit).arg(period).arg(step);
            }
            _ => {
                head(command, "g");
                let Gcra {
                    interval,
                    limit,
                    price,
                } = Gcra::of(asked);
                command.arg(price).arg(limit).arg(interval);
                match asked.owed_until {
                    Some(until) => command.arg(micros(until)),
                    None => command.arg(""),
                };
            }
        }
    }
}

/// What a demand comes to in microseconds.
struct Gcra {
    interval: u64,
    limit: u64,
    price: u64,
}

impl Gcra {
    fn of(asked: &Asked) -> Self {
        let interval = interval(&asked.policy);
        let limit = interval.saturating_mul(asked.policy.count().get().into());
        // More than an account can be overdrawn by says no more than this does.
        let most = limit.saturating_mul(2).saturating_add(1);
        let price = interval.saturating_mul(asked.cost.get().into()).min(most);
        Self {
            interval,
            limit,
            price,
        }
    }
}

/// When four periods begin and the last of them ends, and the number of the first: the one before this
/// time, that of this time, and two more.
fn bounds(calendar: &Calendar, likely: Duration) -> (u32, [u64; 5]) {
    let this = calendar.period(likely);
    let before = this.begin.saturating_sub(Duration::from_micros(1));
    let mut period = calendar.period(before);
    let number = period.number;
    let mut bounds = [micros(period.begin); 5];
    for bound in &mut bounds[1..] {
        *bound = micros(period.end);
        period = calendar.period(period.end);
    }
    (number, bounds)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use redis::Arg;
    use tower_edge_core::rate_limit::{Demand, KeyHash, Policy};

    use super::*;

    const NOW: Duration = Duration::from_secs(1_700_000_000);
    const SECOND: Duration = Duration::from_secs(1);

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    fn demand(policy: &Policy) -> Demand<'_> {
        Demand::new(policy, KeyHash::from_bits(1))
    }

    fn words(call: &Call<'_>) -> Vec<String> {
        let command = call.command("EVALSHA", "hash");
        let words = command.args_iter().map(|word| match word {
            Arg::Simple(word) => String::from_utf8(word.to_vec()).unwrap(),
            other => panic!("{other:?}"),
        });
        words.collect()
    }

    /// What the script is told of a demand, after how many keys there are, the keys, the deed and two
    /// times.
    fn described(demand: &Demand<'_>, has_leases: bool) -> String {
        let asked = Asked {
            extra: 7,
            ..Asked::of(demand)
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
        let policy = Policy::new("p", units(5), SECOND).unwrap();
        let asked = [Asked::of(&demand(&policy)), Asked::of(&demand(&policy))];
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
        let first = Policy::new("first", units(5), SECOND).unwrap();
        let second = Policy::new("second", units(2), SECOND).unwrap();
        let window = Policy::sliding_window("window", units(5), SECOND).unwrap();
        let prefix = Prefix::new("edge").unwrap();
        let call = |policies: &[&Policy], deed, extra| {
            let asked = policies.iter().map(|policy| Asked {
                extra,
                ..Asked::of(&demand(policy).with_binding(*policy == &first))
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
            let told = words(&call)[3 + policies.len()..].join(" ");
            call.is_check_of_gcra().then_some(told)
        };

        let told = call(&[&first, &second], Deed::Check, 0);
        assert_eq!(told.unwrap(), " 1 200000 1000000 0 500000 1000000");
        for (policies, deed, extra) in [
            (&[&first, &first], Deed::Check, 0),
            (&[&first, &window], Deed::Check, 0),
            (&[&first, &second], Deed::Charge, 0),
            (&[&first, &second], Deed::Check, 1),
        ] {
            assert_eq!(call(policies, deed, extra), None, "{policies:?} {deed:?}");
        }
    }

    #[test]
    fn a_price_is_a_number_of_intervals_and_no_more_than_says_anything() {
        let policy = Policy::new("p", units(5), SECOND).unwrap();
        let three = demand(&policy).with_cost(units(3));
        assert_eq!(described(&three, false), "g 1 7 0 600000 1000000 200000 ");

        let all = demand(&policy)
            .with_cost(units(u32::MAX))
            .with_owed_until(NOW);
        let all = described(&all.with_binding(false), true);
        assert_eq!(all, "g 0 7 100000 2000001 1000000 200000 1700000000000000");
    }

    #[test]
    fn a_window_is_kept_in_steps_of_a_65535th() {
        let policy = Policy::sliding_window("p", units(5), 60 * SECOND).unwrap();

        assert_eq!(
            described(&demand(&policy), true),
            "w 1 7 1000000 1 5 60000000 916"
        );
    }

    #[test]
    fn a_calendar_comes_with_the_periods_around_the_time_that_is_likely() {
        let policy = Policy::calendar("p", units(5), Calendar::DAY).unwrap();
        let told = described(&demand(&policy), false);

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
