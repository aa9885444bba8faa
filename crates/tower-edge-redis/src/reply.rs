use std::time::Duration;

use tower_edge_core::rate_limit::Algorithm;
use tower_edge_core::rate_limit::Standing;

use crate::account::Account;
use crate::charged_by::ChargedBy;
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
        Some(Self::Decided(Decided { now, answers }))
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
