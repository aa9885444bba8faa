//! What one store decides every store decides, to the microsecond.

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;
use tower_edge::rate_limit::{Decision, Demand, KeyHash, Policy, Settlement, Standing};

use crate::memory::InMemory;
use crate::suite::{Counting, TestStore, TestStoreExt, cost};

/// One thing that happens to a store.
#[derive(Clone, Debug)]
enum Step {
    Advance(Duration),
    TestStoreExt(Question, Vec<Wish>),
    /// What was charged by a check is given back, whichever of those that there were.
    Refund(prop::sample::Index),
    Back(Duration),
}

#[derive(Clone, Copy, Debug)]
enum Question {
    Charge,
    Check,
    Look,
}

/// A demand before there is a policy.
#[derive(Clone, Copy, Debug)]
struct Wish {
    policy: usize,
    key: KeyHash,
    cost: u32,
    is_binding: bool,
}

impl Wish {
    fn of<'a>(&self, policies: &'a [Policy]) -> Demand<'a> {
        Demand::new(&policies[self.policy], self.key)
            .with_cost(cost(self.cost))
            .with_binding(self.is_binding)
    }
}

fn policies() -> impl Strategy<Value = Vec<Policy>> {
    let numbers = (1..12_u32, 1_000..5_000_000_u64);
    prop::collection::vec(numbers, 3).prop_map(|numbers| {
        let names = ["first", "second", "third"].into_iter();
        let countings = Counting::ALL.into_iter().zip(names);
        countings
            .zip(numbers)
            .map(|((counting, name), (count, period))| {
                counting.policy(name, count, Duration::from_micros(period))
            })
            .collect()
    })
}

/// The clock steps back or charges are given back, and not both: an account that is even again may be
/// forgotten, which is missed when the clock steps back.
fn steps(keys: &'static [KeyHash], steps_back: bool) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => gaps().prop_map(Step::Advance),
        8 => questions(keys),
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

/// No request asks for the same account twice.
fn questions(keys: &'static [KeyHash]) -> impl Strategy<Value = Step> {
    let question = prop_oneof![
        6 => Just(Question::Check),
        1 => Just(Question::Charge),
        1 => Just(Question::Look),
    ];
    let wish = (
        0..3_usize,
        prop::sample::select(keys),
        1..5_u32,
        prop::bool::weighted(0.8),
    );
    let wish = wish.prop_map(|(policy, key, cost, is_binding)| Wish {
        policy,
        key,
        cost,
        is_binding,
    });
    (question, prop::collection::vec(wish, 1..4)).prop_map(|(question, mut wishes)| {
        let mut known = HashSet::new();
        wishes.retain(|wish| known.insert((wish.policy, wish.key)));
        Step::TestStoreExt(question, wishes)
    })
}

/// All that the store has decided on the way.
fn decisions<T: TestStore>(policies: &[Policy], steps: &[Step]) -> Vec<Decision> {
    let store = T::new();
    let mut decisions = Vec::new();
    let mut charged: Vec<(Vec<Wish>, Decision)> = Vec::new();
    for step in steps {
        match step {
            Step::Advance(by) => store.advance(*by),
            Step::Back(by) => store.step_back(*by),
            Step::TestStoreExt(question, wishes) => {
                let demands: Vec<_> = wishes.iter().map(|wish| wish.of(policies)).collect();
                let decision = match question {
                    Question::Charge => store.settle(&demands, Settlement::Charge),
                    Question::Check => store.check(&demands),
                    Question::Look => store.settle(&demands, Settlement::Look),
                };
                if is_charged(*question, &decision) {
                    charged.push((wishes.clone(), decision.clone()));
                }
                decisions.push(decision);
            }
            Step::Refund(which) if !charged.is_empty() => {
                let (wishes, decision) = charged.swap_remove(which.index(charged.len()));
                let charged_at = decision.at();
                let told = wishes.iter().zip(decision.standings());
                let demands: Vec<_> = told
                    .filter(|(_, standing)| standing.is_allowed())
                    .map(|(wish, standing)| {
                        let demand = wish.of(policies);
                        demand.with_owed_until(charged_at + standing.reset())
                    })
                    .collect();
                decisions.push(store.settle(&demands, Settlement::Refund { charged_at }));
            }
            Step::Refund(_) => {}
        }
    }
    decisions
}

/// Whether there is anything to give back.
fn is_charged(question: Question, decision: &Decision) -> bool {
    let mut standings = decision.standings().iter();
    matches!(question, Question::Check)
        && decision.is_allowed()
        && standings.any(Standing::is_allowed)
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
    proptest!(T::cases(), |(policies in policies(), steps in steps(keys, steps_back))| {
        let known = decisions::<InMemory>(&policies, &steps);

        prop_assert_eq!(decisions::<T>(&policies, &steps), known);
    });
}

/// So far apart that they share no place in memory: there one that owes nothing any more makes room for
/// others, and is missed when the clock steps back.
const ALICE: KeyHash = KeyHash::from_bits(1);
const BOB: KeyHash = KeyHash::from_bits(1 << 63);
