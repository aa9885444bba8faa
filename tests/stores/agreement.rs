//! What one store decides every store decides, to the microsecond.

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;
use tower_edge::rate_limit::store::{KeyHash, Operation, QuotaRequest};
use tower_edge::rate_limit::{Decision, Quota, QuotaState};

use crate::memory::InMemory;
use crate::suite::{Counting, TestStore, TestStoreExt, cost};

/// One thing that happens to a store.
#[derive(Clone, Debug)]
enum Step {
    Advance(Duration),
    Apply(Operation, Vec<Wish>),
    /// What was acquired is given back, whichever of those that there were.
    Refund(prop::sample::Index),
    Back(Duration),
}

/// A request before there is a quota.
#[derive(Clone, Copy, Debug)]
struct Wish {
    quota: usize,
    key: KeyHash,
    cost: u32,
    enforced: bool,
}

impl Wish {
    fn of(&self, quotas: &[Quota]) -> QuotaRequest {
        QuotaRequest::new(quotas[self.quota], self.key)
            .with_cost(cost(self.cost))
            .with_enforced(self.enforced)
    }
}

fn quotas() -> impl Strategy<Value = Vec<Quota>> {
    let numbers = (1..12_u32, 1_000..5_000_000_u64, 1..30_u32);
    prop::collection::vec(numbers, 3).prop_map(|numbers| {
        let names = ["first", "second", "third"].into_iter();
        let countings = Counting::ALL.into_iter().zip(names);
        countings
            .zip(numbers)
            .map(|((counting, name), (count, period, burst))| {
                let quota = counting.quota(name, count, Duration::from_micros(period));
                quota.with_burst(burst)
            })
            .collect()
    })
}

/// The clock steps back or charges are given back, and not both: an entry that has expired may be evicted, which is
/// missed when the clock steps back.
fn steps(keys: &'static [KeyHash], steps_back: bool) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => gaps().prop_map(Step::Advance),
        8 => operations(keys),
        2 => any::<prop::sample::Index>().prop_map(Step::Refund),
        1 => gaps().prop_map(Step::Back),
    ];
    prop::collection::vec(step, 1..60).prop_map(move |mut steps| {
        steps.retain(|step| match step {
            Step::Refund(_) => !steps_back,
            Step::Back(_) => steps_back,
            _ => true,
        });
        steps
    })
}

/// Within a period, about as long as one, and over the end of a month.
fn gaps() -> impl Strategy<Value = Duration> {
    const DAY: u64 = 24 * 60 * 60 * 1_000_000;
    prop_oneof![4 => 0..100_000_u64, 4 => 0..6_000_000_u64, 1 => 0..20 * DAY]
        .prop_map(Duration::from_micros)
}

/// No request asks for the same key and quota twice.
fn operations(keys: &'static [KeyHash]) -> impl Strategy<Value = Step> {
    let operation = prop_oneof![
        6 => Just(Operation::TryAcquire),
        1 => Just(Operation::Acquire),
        1 => Just(Operation::Peek),
        1 => Just(Operation::Reset),
    ];
    let wish = (
        0..3_usize,
        prop::sample::select(keys),
        1..5_u32,
        prop::bool::weighted(0.8),
    );
    let wish = wish.prop_map(|(quota, key, cost, enforced)| Wish {
        quota,
        key,
        cost,
        enforced,
    });
    (operation, prop::collection::vec(wish, 1..4)).prop_map(|(operation, mut wishes)| {
        let mut known = HashSet::new();
        wishes.retain(|wish| known.insert((wish.quota, wish.key)));
        Step::Apply(operation, wishes)
    })
}

/// All that the store has decided on the way.
fn decisions<T: TestStore>(quotas: &[Quota], steps: &[Step]) -> Vec<Decision> {
    let store = T::new();
    let mut decisions = Vec::new();
    let mut charged: Vec<(Vec<QuotaRequest>, Decision)> = Vec::new();
    for step in steps {
        match step {
            Step::Advance(by) => store.advance(*by),
            Step::Back(by) => store.step_back(*by),
            Step::Apply(operation, wishes) => {
                let requests: Vec<_> = wishes.iter().map(|wish| wish.of(quotas)).collect();
                let decision = store.apply(*operation, &requests);
                if *operation == Operation::TryAcquire && is_charged(&decision) {
                    charged.push((requests, decision.clone()));
                }
                // What a reset has forgotten one store does not give back, and another as far as it can.
                if *operation == Operation::Reset {
                    charged.clear();
                }
                decisions.push(decision);
            }
            Step::Refund(which) if !charged.is_empty() => {
                let (requests, decision) = charged.swap_remove(which.index(charged.len()));
                let requests = (0..).zip(requests).zip(decision.states());
                let charged = requests.filter(|(_, state)| state.is_allowed());
                let refunds = charged.map(|((index, request), _)| {
                    request.with_receipt(decision.receipt(index).unwrap())
                });
                let refunds: Vec<_> = refunds.collect();
                decisions.push(store.apply(Operation::Refund, &refunds));
            }
            Step::Refund(_) => {}
        }
    }
    decisions
}

/// Whether there is anything to give back.
fn is_charged(decision: &Decision) -> bool {
    decision.is_allowed() && decision.states().iter().any(QuotaState::is_allowed)
}

pub(crate) fn requests_of_one_client_are_decided_as_in_memory<T: TestStore>() {
    assert_decides_as_in_memory::<T>(&[ALICE], false);
}

pub(crate) fn requests_for_several_clients_are_decided_as_in_memory<T: TestStore>() {
    assert_decides_as_in_memory::<T>(&[ALICE, BOB], false);
}

pub(crate) fn a_clock_that_steps_back_leads_to_the_same_as_in_memory<T: TestStore>() {
    assert_decides_as_in_memory::<T>(&[ALICE], true);
}

fn assert_decides_as_in_memory<T: TestStore>(keys: &'static [KeyHash], steps_back: bool) {
    proptest!(T::cases(), |(quotas in quotas(), steps in steps(keys, steps_back))| {
        let known = decisions::<InMemory>(&quotas, &steps);

        prop_assert_eq!(decisions::<T>(&quotas, &steps), known);
    });
}

/// So far apart that they share no place in memory: there one that has expired makes room for others,
/// and is missed when the clock steps back.
const ALICE: KeyHash = KeyHash::from_bits(1);
const BOB: KeyHash = KeyHash::from_bits(1 << 63);
