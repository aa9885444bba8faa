use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tower_edge_core::rate_limit::{Demand, Policy, Standing};

use crate::account::Account;
use crate::call::micros;
use crate::moment::Moment;
use crate::pace::Pace;
use crate::queue::Queue;
use crate::reply::Answer;
use crate::request::Asked;
use crate::table::Owner;

/// Units of one account that are charged at the server already, to be spent on this machine.
#[derive(Debug)]
pub(crate) struct Lease {
    /// Whether the last one that asked for more got little.
    pub(crate) is_dry: bool,
    pub(crate) owner: Owner,
    pub(crate) pace: Pace,
    pub(crate) queue: Arc<Queue>,
    grant: Option<Grant>,
    policy: Policy,
}

#[derive(Clone, Copy, Debug)]
struct Grant {
    /// As if the units that are left had not been charged.
    account: Account,
    /// When this machine asked, and the server answered, so that the server's clock is never behind what is
    /// made of it.
    at: Moment,
    owed_until: Duration,
    units: u32,
    /// By the clock of this machine.
    until: Duration,
}

impl Lease {
    pub(crate) fn new(demand: &Demand<'_>, now: Duration) -> Self {
        Self {
            is_dry: false,
            owner: Owner::of(demand),
            pace: Pace::new(lasts(demand.policy), now),
            queue: Arc::default(),
            grant: None,
            policy: demand.policy.clone(),
        }
    }

    pub(crate) fn is_of(&self, demand: &Demand<'_>) -> bool {
        self.owner == Owner::of(demand) && self.policy == *demand.policy
    }

    /// Nobody asks for more, and nothing is left.
    pub(crate) fn is_free(&self) -> bool {
        !self.queue.is_asking() && self.units() == 0
    }

    pub(crate) fn units(&self) -> u32 {
        self.grant.map_or(0, |grant| grant.units)
    }

    /// Where the client stands after it has spent so much, and the server's time; `None` when there is
    /// not so much left.
    pub(crate) fn spend(
        &mut self,
        cost: NonZeroU32,
        now: Duration,
    ) -> Option<(Duration, Standing)> {
        let grant = self.grant.as_mut().filter(|grant| now < grant.until)?;
        let server = grant.at.server_at(now)?;
        grant.units = grant.units.checked_sub(cost.get())?;
        let (at, limit) = (micros(server), self.policy.count());
        grant.account = grant.account.charged(at, cost);
        Some((server, grant.account.standing(at, limit, cost, true)))
    }

    /// Takes back what was spent right before, as another account had not enough.
    pub(crate) fn spare(&mut self, cost: NonZeroU32) {
        if let Some(grant) = &mut self.grant {
            grant.units = grant.units.saturating_add(cost.get());
            grant.account = grant.account.without(cost.get());
        }
    }

    /// How many units more to ask for, while others wait for them; `None` when each has to ask for itself,
    /// as no lease would let it through, or it is not for want of these units that it asks.
    pub(crate) fn wants(&self, cost: NonZeroU32, most: u32) -> Option<u32> {
        // Where little is left, what one takes ahead another misses.
        if self.is_dry || cost.get() > most || lasts(&self.policy) < SHORTEST {
            return None;
        }
        let worth = self.pace.worth(cost.get(), most);
        let extra = worth.saturating_sub(self.units());
        (extra > 0 || self.units() < cost.get()).then_some(extra)
    }

    /// Adds what the server has granted.
    pub(crate) fn add(&mut self, wanted: u32, most: u32, answer: &Answer, at: Moment) {
        if wanted > 0 {
            self.is_dry = answer.leased == 0 || answer.leased < wanted / 2;
            if self.is_dry {
                self.queue.part();
            }
        } else if answer.standing.remaining() >= self.pace.worth(0, most) {
            // The server would grant enough by now.
            self.is_dry = false;
        }
        if answer.leased == 0 {
            return;
        }
        let lasts = lasts(&self.policy);
        let ends = answer.account.ends().map(Duration::from_micros);
        let lasts = ends.map_or(lasts, |ends| ends.saturating_sub(at.server).min(lasts));
        let until = at.here.saturating_add(lasts);
        let (units, until) = match self.grant.filter(|known| known.units > 0) {
            Some(known) => (known.units, known.until.min(until)),
            None => (0, until),
        };
        self.grant = Some(Grant {
            account: answer.account.without(units),
            at,
            owed_until: answer.owed_until,
            units: units.saturating_add(answer.leased),
            until,
        });
    }

    /// Ends the lease now, as the server has nothing left.
    pub(crate) fn end(&mut self) {
        self.is_dry = true;
        self.queue.part();
        if let Some(grant) = &mut self.grant {
            grant.until = Duration::ZERO;
        }
    }

    /// What is left of a lease that is over, or of any, to be given back; and when it was charged.
    pub(crate) fn take_rest(&mut self, now: Option<Duration>) -> Option<(Asked, Duration)> {
        self.take_rest_if(now, |grant| now.is_none_or(|now| grant.is_over(now)))
    }

    /// The same, where what the server has granted since cannot be added to it: it is over by now, or
    /// charged to a window or day that has ended.
    pub(crate) fn take_rest_before(
        &mut self,
        answer: &Answer,
        now: Duration,
    ) -> Option<(Asked, Duration)> {
        let ends = answer.account.ends();
        self.take_rest_if(Some(now), |grant| {
            grant.is_over(now) || grant.account.ends() != ends
        })
    }

    fn take_rest_if(
        &mut self,
        now: Option<Duration>,
        is_over: impl Fn(&Grant) -> bool,
    ) -> Option<(Asked, Duration)> {
        let grant = self.grant.take_if(|grant| is_over(grant))?;
        if now.is_some_and(|now| grant.is_back(now)) {
            return None;
        }
        let units = NonZeroU32::new(grant.units)?;
        let demand = Demand::new(&self.policy, self.owner.key())
            .with_cost(units)
            .with_owed_until(grant.owed_until);
        Some((Asked::of(&demand), grant.at.server))
    }
}

impl Grant {
    /// Its time is over, or the clock of a test is stepped back.
    fn is_over(&self, now: Duration) -> bool {
        now >= self.until || now < self.at.here
    }

    /// What was charged has come back by itself, and the server would give back nothing.
    fn is_back(&self, now: Duration) -> bool {
        let server = self.at.server_at(now);
        matches!(self.account, Account::Gcra { .. })
            && server.is_some_and(|server| server >= self.owed_until)
    }
}

/// How long a lease under this policy lasts: a tenth of the period, and a second at most.
pub(crate) fn lasts(policy: &Policy) -> Duration {
    (policy.period() / 10).min(LONGEST)
}

const LONGEST: Duration = Duration::from_secs(1);
/// What is over sooner is hardly worth the way back.
const SHORTEST: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use tower_edge_core::rate_limit::{Calendar, KeyHash};

    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);
    const MINUTE: Duration = Duration::from_secs(60);
    const SECOND: Duration = Duration::from_secs(1);
    /// When the server grants, by its own clock; here it is zero.
    const SERVER: Duration = Duration::from_secs(1_000_000);

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    fn gcra(count: u32, period: Duration) -> Policy {
        Policy::new("p", units(count), period).unwrap()
    }

    /// Ten units of an account on which nothing else is charged.
    fn leased(policy: &Policy, account: Account) -> Lease {
        let demand = Demand::new(policy, KeyHash::from_bits(1));
        let mut lease = Lease::new(&demand, Duration::ZERO);
        let answer = Answer {
            account,
            is_charged: true,
            leased: 10,
            owed_until: SERVER + 2 * SECOND,
            standing: account.standing(micros(SERVER), policy.count(), units(1), true),
        };
        let (here, server) = (Duration::ZERO, SERVER);
        lease.add(10, 100, &answer, Moment { here, server });
        lease
    }

    fn even(policy: &Policy) -> Lease {
        let interval = micros(policy.emission_interval());
        let even_at = micros(SERVER);
        leased(policy, Account::Gcra { even_at, interval })
    }

    #[test]
    fn a_lease_lasts_a_tenth_of_the_period_and_a_second_at_most() {
        for (period, lasts) in [(SECOND, 100 * MILLISECOND), (MINUTE, SECOND)] {
            let mut lease = even(&gcra(1000, period));

            assert!(lease.spend(units(1), lasts - MILLISECOND).is_some());
            assert!(lease.spend(units(1), lasts).is_none(), "{period:?}");
        }
    }

    #[test]
    fn a_lease_ends_with_the_window_or_the_day_that_it_was_charged_to() {
        let window = Policy::sliding_window("p", units(100), MINUTE).unwrap();
        let of_window = Account::Window {
            begin: micros(SERVER - MINUTE + 300 * MILLISECOND),
            last: micros(SERVER),
            current: 1,
            previous: 0,
            previous_last: 0,
            period: micros(MINUTE),
        };
        let day = Policy::calendar("p", units(100), Calendar::DAY).unwrap();
        let of_day = Account::Calendar {
            used: 1,
            end: micros(SERVER + 300 * MILLISECOND),
        };
        for (policy, account) in [(window, of_window), (day, of_day)] {
            let mut lease = leased(&policy, account);

            assert!(lease.spend(units(1), 299 * MILLISECOND).is_some());
            assert!(
                lease.spend(units(1), 300 * MILLISECOND).is_none(),
                "{policy:?}"
            );
        }
    }

    #[test]
    fn no_more_is_spent_than_was_granted() {
        let mut lease = even(&gcra(1000, MINUTE));

        assert!(lease.spend(units(11), Duration::ZERO).is_none());
        assert!(lease.spend(units(7), Duration::ZERO).is_some());
        assert!(lease.spend(units(4), Duration::ZERO).is_none());
        let (at, standing) = lease.spend(units(3), 500 * MILLISECOND).unwrap();
        assert_eq!(
            (at, standing.remaining()),
            (SERVER + 500 * MILLISECOND, 997)
        );
        assert!(lease.is_free());
    }

    #[test]
    fn a_clock_that_a_test_steps_back_ends_it() {
        let policy = gcra(1000, MINUTE);
        let demand = Demand::new(&policy, KeyHash::from_bits(1));
        let mut lease = Lease::new(&demand, SECOND);
        let granted = even(&policy).grant.unwrap();
        let (here, server) = (SECOND, SERVER);
        lease.grant = Some(Grant {
            at: Moment { here, server },
            ..granted
        });

        assert!(lease.spend(units(1), Duration::ZERO).is_none());
        assert!(lease.take_rest(Some(Duration::ZERO)).is_some());
    }

    #[test]
    fn what_is_left_is_owed_as_long_as_the_server_said() {
        let mut lease = even(&gcra(1000, MINUTE));
        lease.spend(units(3), Duration::ZERO).unwrap();
        assert!(lease.take_rest(Some(999 * MILLISECOND)).is_none());

        let (rest, charged_at) = lease.take_rest(Some(SECOND)).unwrap();

        assert_eq!((rest.cost, charged_at), (units(7), SERVER));
        assert_eq!(rest.owed_until, Some(SERVER + 2 * SECOND));
        assert!(lease.take_rest(None).is_none());
    }

    #[test]
    fn what_has_come_back_by_itself_is_not_given_back() {
        for (after, is_given_back) in [(1999, true), (2000, false)] {
            let mut lease = even(&gcra(1000, MINUTE));
            let rest = lease.take_rest(Some(after * MILLISECOND));
            assert_eq!(rest.is_some(), is_given_back, "{after}");
        }
        let day = Policy::calendar("p", units(100), Calendar::DAY).unwrap();
        let end = micros(SERVER + 2 * SECOND);
        let mut lease = leased(&day, Account::Calendar { used: 1, end });
        assert!(lease.take_rest(Some(3 * SECOND)).is_some());
    }

    #[test]
    fn what_is_added_to_a_lease_does_not_make_it_longer() {
        let policy = gcra(1000, MINUTE);
        let mut lease = even(&policy);
        let account = lease.grant.unwrap().account;
        let answer = Answer {
            account,
            is_charged: true,
            leased: 5,
            owed_until: SERVER + 3 * SECOND,
            standing: account.standing(micros(SERVER), units(1000), units(1), true),
        };
        let (here, server) = (900 * MILLISECOND, SERVER + 900 * MILLISECOND);

        lease.add(5, 100, &answer, Moment { here, server });

        assert!(lease.spend(units(15), 999 * MILLISECOND).is_some());
        lease.spare(units(15));
        assert!(lease.spend(units(1), SECOND).is_none());
    }

    #[test]
    fn what_is_left_of_one_day_is_not_added_to_what_is_granted_in_the_next() {
        let day = Policy::calendar("p", units(100), Calendar::DAY).unwrap();
        let account = |end| Account::Calendar { used: 1, end };
        let (today, tomorrow) = (account(micros(SERVER + SECOND)), account(u64::MAX));
        for (next, rest) in [(today, None), (tomorrow, Some((units(10), SERVER)))] {
            let mut lease = leased(&day, today);
            let answer = Answer {
                account: next,
                is_charged: true,
                leased: 5,
                owed_until: SERVER + 2 * SECOND,
                standing: next.standing(micros(SERVER), units(100), units(1), true),
            };

            let taken = lease.take_rest_before(&answer, 999 * MILLISECOND);

            assert_eq!(taken.map(|(asked, at)| (asked.cost, at)), rest);
        }
        let mut lease = even(&gcra(1000, MINUTE));
        let answer = Answer {
            account: lease.grant.unwrap().account,
            is_charged: true,
            leased: 5,
            owed_until: SERVER,
            standing: today.standing(micros(SERVER), units(100), units(1), true),
        };
        assert!(lease.take_rest_before(&answer, 999 * MILLISECOND).is_none());
        assert!(lease.take_rest_before(&answer, SECOND).is_some());
    }

    #[test]
    fn what_is_over_before_it_is_here_is_not_asked_for() {
        for (period, wanted) in [(99 * MILLISECOND, None), (100 * MILLISECOND, Some(20))] {
            let policy = gcra(1000, period);
            let demand = Demand::new(&policy, KeyHash::from_bits(1));
            let mut lease = Lease::new(&demand, Duration::ZERO);
            lease.pace.count(11, Duration::ZERO);

            assert_eq!(lease.wants(units(1), 100), wanted, "{period:?}");
            assert_eq!(lease.wants(units(1), 10), wanted.map(|_| 10));
        }
    }

    #[test]
    fn together_with_what_is_left_no_more_than_the_most_is_asked_for() {
        let mut lease = even(&gcra(1000, MINUTE));
        lease.pace.count(100, Duration::ZERO);

        assert_eq!(lease.wants(units(1), 12), Some(2));
        assert_eq!(lease.wants(units(1), 10), None);
    }

    #[test]
    fn a_cost_above_the_most_asks_for_itself() {
        let mut lease = even(&gcra(1000, MINUTE));
        lease.pace.count(100, Duration::ZERO);

        assert_eq!(lease.wants(units(12), 12), Some(2));
        assert_eq!(lease.wants(units(13), 12), None);
    }

    #[test]
    fn an_account_of_which_little_is_left_is_dry_until_the_server_has_more() {
        let policy = gcra(1000, MINUTE);
        let mut lease = even(&policy);
        lease.pace.count(30, Duration::ZERO);
        let interval = micros(policy.emission_interval());
        let mut add = |wanted, leased, remaining: u64| {
            let even_at = micros(SERVER) + (1000 - remaining) * interval;
            let account = Account::Gcra { even_at, interval };
            let answer = Answer {
                account,
                is_charged: true,
                leased,
                owed_until: SERVER + SECOND,
                standing: account.standing(micros(SERVER), units(1000), units(1), true),
            };
            let (here, server) = (Duration::ZERO, SERVER);
            lease.add(wanted, 100, &answer, Moment { here, server });
            lease.is_dry
        };

        assert!(!add(4, 2, 4));
        assert!(add(4, 1, 2));
        assert!(add(0, 0, 59), "one that wanted nothing tells nothing of it");
        assert!(!add(0, 0, 60));
        assert!(add(1, 0, 1));
    }
}
