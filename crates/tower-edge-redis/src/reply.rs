use std::time::Duration;

use tower_edge_core::rate_limit::Algorithm;
use tower_edge_core::rate_limit::Standing;

use crate::account::Account;
use crate::request::Asked;
use crate::script::interval;
use crate::script::micros;

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
    pub(crate) standing: Standing,
    pub(crate) is_charged: bool,
    pub(crate) leased: u32,
}

impl Reply {
    /// `None` when it is no answer to what was asked.
    pub(crate) fn read(reply: &[i64], asked: &[Asked]) -> Option<Self> {
        let mut numbers = reply.iter().copied();
        let now = match numbers.next()? {
            OFF_CALENDAR => {
                let now = u64::try_from(numbers.next()?).ok()?;
                return Some(Self::OffCalendar(Duration::from_micros(now)));
            }
            now => u64::try_from(now).ok()?,
        };
        let mut numbers = numbers.map(|number| u64::try_from(number).ok());
        let mut next = || numbers.next().flatten();
        let _is_allowed = next()?;
        let mut answers = Vec::with_capacity(asked.len());
        for asked in asked {
            let is_charged = next()? == 1;
            let leased = u32::try_from(next()?).ok()?;
            let account = match asked.policy.algorithm() {
                Algorithm::Calendar(_) => {
                    let (used, _begin, end) = (next()?, next()?, next()?);
                    Account::Calendar { used, end }
                }
                Algorithm::SlidingWindow => Account::Window {
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
            let limit = asked.policy.count();
            answers.push(Answer {
                standing: account.standing(now, limit, asked.cost, is_charged),
                is_charged,
                leased,
            });
        }
        Some(Self::Decided(Decided {
            now: Duration::from_micros(now),
            answers,
        }))
    }
}

const OFF_CALENDAR: i64 = -1;
