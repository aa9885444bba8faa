use std::time::Duration;

use tower_edge_core::rate_limit::{Algorithm, Standing};

use crate::account::{Account, interval, micros};
use crate::request::{Asked, ChargedBy};

/// What the script has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Decided(Decided),
    /// The calendar did not reach the server's time, which is this.
    OffCalendar(Duration),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) now: Duration,
    pub(crate) answers: Vec<Answer>,
}

/// What was decided about one demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// As if what is on lease had not been charged.
    pub(crate) account: Account,
    pub(crate) is_charged: bool,
    /// How many units were taken on lease.
    pub(crate) leased: u32,
    /// Until when the account owes something for this, with what is on lease.
    pub(crate) owed_until: Duration,
    pub(crate) standing: Standing,
}

impl Answer {
    /// All that was charged to this, to be given back.
    pub(crate) fn owed(&self, asked: Asked) -> Asked {
        Asked {
            cost: asked.cost.saturating_add(self.leased),
            extra: 0,
            owed_until: Some(self.owed_until),
            ..asked
        }
    }
}

impl Reply {
    /// `None` when it is no answer to what was asked.
    pub(crate) fn read(reply: &[i64], asked: &[Asked]) -> Option<Self> {
        if let [OFF_CALENDAR, now] = reply {
            return Some(Self::OffCalendar(time(*now)?));
        }
        let mut numbers = reply.iter().copied();
        let now = time(numbers.next()?)?;
        let mut numbers = numbers.map(|number| u64::try_from(number).ok());
        let mut next = || numbers.next().flatten();
        let mut answers = Vec::with_capacity(asked.len());
        for asked in asked {
            answers.push(answer(&mut next, asked, micros(now))?);
        }
        // Numbers that nobody has asked for.
        let is_whole = next().is_none();
        is_whole.then_some(Self::Decided(Decided { now, answers }))
    }
}

fn answer(mut next: impl FnMut() -> Option<u64>, asked: &Asked, now: u64) -> Option<Answer> {
    let is_charged = next()? == 1;
    let leased = u32::try_from(next()?).ok()?;
    let told = match asked.policy.algorithm() {
        Algorithm::Calendar(_) => Account::Calendar {
            used: next()?,
            end: next()?,
        },
        Algorithm::SlidingWindow => Account::Window {
            begin: next()?,
            last: next()?,
            current: next()?,
            previous: next()?,
            previous_last: next()?,
            period: micros(asked.policy.period()),
        },
        _ => Account::Gcra {
            even_at: next()?,
            interval: interval(&asked.policy),
        },
    };
    let account = told.without(leased);
    Some(Answer {
        account,
        is_charged,
        leased,
        owed_until: Duration::from_micros(told.whole_at()),
        standing: account.standing(now, asked.policy.count(), asked.cost, is_charged),
    })
}

/// A time that a server's clock may show.
fn time(micros: i64) -> Option<Duration> {
    let time = Duration::from_micros(u64::try_from(micros).ok()?);
    (ChargedBy::at(time) == ChargedBy::Server).then_some(time)
}

const OFF_CALENDAR: i64 = -1;

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::slice;

    use tower_edge_core::rate_limit::{Calendar, Demand, KeyHash, Policy};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A demand under each algorithm, with how many numbers the script tells of it.
    fn asked() -> [(Asked, usize); 3] {
        let count = NonZeroU32::new(5).unwrap();
        let policies = [
            (Policy::new("p", count, SECOND), 3),
            (Policy::sliding_window("p", count, SECOND), 7),
            (Policy::calendar("p", count, Calendar::DAY), 4),
        ];
        policies.map(|(policy, numbers)| {
            let policy = policy.unwrap();
            (
                Asked::of(&Demand::new(&policy, KeyHash::from_bits(1))),
                numbers,
            )
        })
    }

    #[test]
    fn what_is_no_answer_is_none() {
        for (asked, numbers) in asked() {
            let asked = [asked];
            let whole = vec![1; 1 + numbers];
            assert!(Reply::read(&whole, &asked).is_some(), "{whole:?}");

            for length in (0..whole.len()).chain([whole.len() + 1]) {
                let other = vec![1; length];
                assert_eq!(Reply::read(&other, &asked), None, "{other:?}");
            }
            for place in 0..whole.len() {
                let mut negative = whole.clone();
                negative[place] = -1;
                assert_eq!(Reply::read(&negative, &asked), None, "{negative:?}");
            }
        }
    }

    #[test]
    fn no_number_is_too_large_to_be_told() {
        for (asked, numbers) in asked() {
            for large in [i64::from(u32::MAX), i64::MAX - 1, i64::MAX] {
                // The time, whether it was charged, and what is on lease are checked.
                let reply = [1, 0, 7].into_iter().chain(vec![large; numbers - 2]);
                let reply: Vec<i64> = reply.collect();
                let Some(Reply::Decided(decided)) = Reply::read(&reply, slice::from_ref(&asked))
                else {
                    panic!("{reply:?}");
                };

                let standing = decided.answers[0].standing;
                assert_eq!((standing.is_allowed(), standing.remaining()), (false, 0));
                let owed = decided.answers[0].owed(asked.clone());
                assert_eq!((owed.cost.get(), owed.extra), (8, 0));
            }
        }
    }

    #[test]
    fn no_server_is_in_the_time_of_the_fallback() {
        let [(asked, _), ..] = asked();
        let late = i64::try_from(Duration::from_secs(301 * 365 * 24 * 3600).as_micros());
        for now in [late.unwrap(), i64::MAX] {
            assert_eq!(
                Reply::read(&[now, 1, 0, 0], slice::from_ref(&asked)),
                None,
                "{now}"
            );
        }
    }

    #[test]
    fn a_time_beyond_the_calendar_is_told() {
        let [(asked, _), ..] = asked();
        let reply = Reply::read(&[-1, 9_000_000], &[asked]);

        assert_eq!(reply, Some(Reply::OffCalendar(9 * SECOND)));
    }

    #[test]
    fn what_is_on_lease_is_not_counted_as_spent() {
        let [(asked, _), ..] = asked();
        // Of five, one is charged and two are on lease.
        let reply = Reply::read(&[0, 1, 2, 600_000], &[asked]);

        let Some(Reply::Decided(Decided { answers, .. })) = reply else {
            panic!("{reply:?}");
        };
        assert_eq!((answers[0].leased, answers[0].standing.remaining()), (2, 4));
        assert_eq!(answers[0].standing.reset(), SECOND / 5);
        assert_eq!(answers[0].owed_until, SECOND * 3 / 5);
    }
}
